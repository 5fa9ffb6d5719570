/** The walk of one host, in its order. */
export const stepNames = [
  'connect',
  'guard',
  'drain',
  'deploy',
  'restart',
  'verify',
  'enable',
  'soak',
  'restore',
] as const
