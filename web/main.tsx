// Starts the app in the page.
import './styles/index.css';
import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { App } from './app.tsx';
import { client } from './client.ts';

/** The folder of the page: a proxy may serve the app below a prefix. */
const base = new URL('.', document.baseURI).pathname.replace(/\/$/, '');

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <ApolloProvider client={client}>
      <Router base={base}>
        <App />
      </Router>
    </ApolloProvider>,
  );
}
