/** The signals that end a command cleanly. SIGUSR2 comes from nodemon before a restart. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
