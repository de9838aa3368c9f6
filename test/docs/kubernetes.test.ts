// The manifest of docs/container.md: its paths, ports and settings are those of the gateway and of the Dockerfile.
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { readConfig } from '../../src/config/read-config.ts';
import { readExamples, readRows, readText } from './read-documents.ts';

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.literal('http') }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number().optional(),
  failureThreshold: z.number(),
});
const deploymentShape = z.looseObject({
  kind: z.literal('Deployment'),
  spec: z.looseObject({
    selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.strictObject({
      metadata: z.strictObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.strictObject({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string(),
            ports: z.tuple([z.strictObject({ name: z.literal('http'), containerPort: z.number() })]),
            env: z.array(
              z.strictObject({
                name: z.string(),
                value: z.string().optional(),
                valueFrom: z.unknown().optional(),
              }),
            ),
            readinessProbe: probe,
            livenessProbe: probe,
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const serviceShape = z.looseObject({
  kind: z.literal('Service'),
  spec: z.strictObject({
    selector: z.record(z.string(), z.string()),
    ports: z.tuple([z.strictObject({ name: z.string(), port: z.number(), targetPort: z.literal('http') })]),
  }),
});

function readManifest() {
  const documents = parseAllDocuments(readExamples().get('kubernetes')?.code ?? '');
  if (!Array.isArray(documents)) throw new Error('the manifest is empty');
  for (const { errors } of documents) expect(errors).toEqual([]);
  const [deployment, service] = documents.map((each): unknown => each.toJS());
  return { deployment: deploymentShape.parse(deployment).spec, service: serviceShape.parse(service).spec };
}

test('starts the gateway that the Dockerfile builds, with settings that it accepts', () => {
  const { deployment, service } = readManifest();
  const { spec, metadata } = deployment.template;
  const [{ env, ports, image }] = spec.containers;
  const dockerfile = readText('Dockerfile');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readText('package.json')));

  const settings = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'a-secret']));
  const [, host = ''] = /^ENV HOST=(.*)$/m.exec(dockerfile) ?? [];
  const config = readConfig({ HOST: host, ...settings });
  expect(config.warnings).toEqual([]);
  expect(config.auth.mode).toBe('jwt');
  for (const { name, value } of env) expect(value === undefined, name).toBe(/KEY|SECRET/.test(name));
  const named = readRows(readText('docs/configuration.md'), 'variable').map(({ variable }) => variable);
  for (const { name } of env) expect(named).toContain(`\`${name}\``);

  expect(ports[0].containerPort).toBe(config.port);
  expect(dockerfile).toContain(`\nEXPOSE ${ports[0].containerPort}\n`);
  expect(image.endsWith(`/apivideo-graphql:${version}`), image).toBe(true);
  expect(metadata.labels).toEqual(deployment.selector.matchLabels);
  expect(service.selector).toEqual(metadata.labels);
});

test('asks /ready before it sends requests, /health before it restarts, and waits for the drain', () => {
  const { deployment } = readManifest();
  const { spec } = deployment.template;
  const [{ env, readinessProbe, livenessProbe }] = spec.containers;
  expect(readinessProbe.httpGet.path).toBe('/ready');
  expect(livenessProbe.httpGet.path).toBe('/health');
  const drainDelay = Number(env.find(({ name }) => name === 'DRAIN_DELAY_SECONDS')?.value);
  expect(drainDelay).toBeGreaterThan(readinessProbe.periodSeconds * readinessProbe.failureThreshold);
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drainDelay + 10);
});
