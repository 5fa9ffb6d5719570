/**
 * Where each route is, and what its answer cannot do without. It stands apart from the routes' schemas, since a client needs
 * no more: to load them takes longer than most calls.
 */
export const endpoints = {
  createDeployment: { method: 'POST', path: '/v1/deployments', answer: ['id'] },
  listDeployments: { method: 'GET', path: '/v1/deployments', answer: ['deployments'] },
  getDeployment: { method: 'GET', path: '/v1/deployments/:id', answer: ['deployment', 'hosts', 'cursor'] },
  listEvents: { method: 'GET', path: '/v1/deployments/:id/events', answer: ['events', 'trimmed', 'ended'] },
  commandDeployment: { method: 'POST', path: '/v1/deployments/:id/commands', answer: ['id', 'changed'] },
  createPlan: { method: 'POST', path: '/v1/plans', answer: ['id', 'plan', 'servers', 'steps'] },
  deployPlan: { method: 'POST', path: '/v1/plans/:plan/deployments', answer: ['id'] },
  listLocks: { method: 'GET', path: '/v1/locks', answer: ['locks'] },
  putLock: { method: 'PUT', path: '/v1/locks/:application/:environment', answer: ['application', 'environment'] },
  deleteLock: { method: 'DELETE', path: '/v1/locks/:application/:environment', answer: ['locks'] },
  putApplication: { method: 'PUT', path: '/v1/applications/:name', answer: ['name'] },
  getApplication: { method: 'GET', path: '/v1/applications/:name', answer: ['name'] },
  listApplications: { method: 'GET', path: '/v1/applications', answer: ['applications'] },
  createSession: { method: 'POST', path: '/v1/session', answer: ['name', 'role'] },
  getSession: { method: 'GET', path: '/v1/session', answer: ['name', 'role', 'grants'] },
  deleteSession: { method: 'DELETE', path: '/v1/session', answer: [] },
  decideAccess: { method: 'GET', path: '/v1/session/access', answer: ['isAllowed', 'reason'] },
  listProviders: { method: 'GET', path: '/v1/sign-in', answer: ['providers'] },
  startDeviceSignIn: {
    method: 'POST',
    path: '/v1/sign-in/:provider/devices',
    answer: ['device', 'userCode', 'verificationUri', 'intervalSeconds'],
  },
  finishDeviceSignIn: { method: 'POST', path: '/v1/sign-in/:provider/devices/token', answer: ['isPending'] },
  createToken: { method: 'POST', path: '/v1/tokens', answer: ['id', 'token'] },
  exchangeToken: { method: 'POST', path: '/v1/tokens/exchange', answer: ['access_token', 'expires_in'] },
  listTokens: { method: 'GET', path: '/v1/tokens', answer: ['tokens'] },
  revokeToken: { method: 'DELETE', path: '/v1/tokens/:token', answer: [] },
  listHosts: { method: 'GET', path: '/v1/applications/:name/hosts', answer: ['hosts', 'failures'] },
  forgetHost: { method: 'DELETE', path: '/v1/applications/:name/environments/:environment/hosts/:host', answer: [] },
  doctor: { method: 'GET', path: '/v1/doctor', answer: ['checks'] },
  doctorBalancers: { method: 'POST', path: '/v1/load-balancers/doctor', answer: ['servers'] },
} as const
