import { randomUUID } from 'node:crypto'
import { Role, type routes } from '@vesemir/contract'
import type { InjectOptions } from 'fastify'
import { anApplication } from './start-api.ts'
import { tokenFor, type Team } from './two-teams.ts'

export type RouteName = keyof typeof routes

/** What callers get from a route. */
export interface ExpectedAnswer {
  /** What is asked about a team's application. */
  ask: (team: Team) => Omit<InjectOptions, 'method' | 'url'> & { url: string }
  /** The roles that get an answer about their own application; written out, so that no mistake in the table of actions hides. */
  roles: readonly Role[]
  /** What becomes of another team's application: as if it did not exist, left out of the answer, or the route is about none. */
  foreign: 'unknown' | 'left out' | 'none'
  /** What all others get about their own application; FORBIDDEN unless given. */
  refusal?: 'unknown' | 'ID_TOKEN_REFUSED'
  /** Whether it answers without a token, as to somebody. */
  isOpen?: true
}

const everyone = Role.options
/** Those who may read; all others may ask what is about themselves alone, and see nothing in a list. */
const readers = everyone.filter((role) => role !== 'converger')
const deployers: readonly Role[] = ['deployer', 'operator', 'admin']
const order = ({ application }: Team) => ({ application, environment: 'production', version: '1.4.2' })
const place = ({ application }: Team) => `${application}/production`

/** Who gets an answer from each route. A route without an entry does not compile. */
export const expectedAnswers: Record<RouteName, ExpectedAnswer> = {
  createDeployment: {
    ask: (team) => ({ url: '/v1/deployments', payload: order(team) }),
    roles: deployers,
    foreign: 'unknown',
  },
  listDeployments: { ask: () => ({ url: '/v1/deployments' }), roles: everyone, foreign: 'left out' },
  listArchive: { ask: () => ({ url: '/v1/archive/deployments' }), roles: everyone, foreign: 'left out' },
  getDeployment: { ask: about(''), roles: readers, foreign: 'unknown' },
  listEvents: { ask: about('/events'), roles: readers, foreign: 'unknown' },
  listFailures: { ask: about('/failures'), roles: readers, foreign: 'unknown' },
  commandDeployment: {
    ask: (team) => ({ ...about('/commands')(team), payload: { command: 'pause' } }),
    roles: deployers,
    foreign: 'unknown',
  },
  createPlan: {
    ask: (team) => ({ url: '/v1/plans', payload: order(team) }),
    roles: readers,
    foreign: 'unknown',
  },
  deployPlan: {
    ask: ({ planId }) => ({ url: `/v1/plans/${planId}/deployments`, payload: {} }),
    roles: deployers,
    foreign: 'unknown',
  },
  listLocks: { ask: () => ({ url: '/v1/locks' }), roles: everyone, foreign: 'left out' },
  putLock: {
    ask: (team) => ({ url: `/v1/locks/${place(team)}`, payload: { reason: 'mine' } }),
    roles: ['operator', 'admin'],
    foreign: 'unknown',
  },
  deleteLock: {
    ask: (team) => ({ url: `/v1/locks/${place(team)}` }),
    roles: ['operator', 'admin'],
    foreign: 'unknown',
  },
  putApplication: {
    ask: ({ application: name, team }) => ({
      url: `/v1/applications/${name}`,
      payload: anApplication({ name, team }),
    }),
    roles: ['admin'],
    foreign: 'unknown',
  },
  getBadge: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}/environments/production/badge.svg` }),
    roles: readers,
    foreign: 'unknown',
  },
  getApplication: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}` }),
    roles: readers,
    foreign: 'unknown',
  },
  listFreezes: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}/freezes` }),
    roles: readers,
    foreign: 'unknown',
  },
  listSchedules: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}/schedules` }),
    roles: readers,
    foreign: 'unknown',
  },
  listApplications: { ask: () => ({ url: '/v1/applications' }), roles: everyone, foreign: 'left out' },
  createSession: {
    ask: () => ({ url: '/v1/session', payload: { token: tokenFor('viewer') } }),
    roles: everyone,
    foreign: 'none',
    isOpen: true,
  },
  getSession: { ask: () => ({ url: '/v1/session' }), roles: everyone, foreign: 'none' },
  deleteSession: { ask: () => ({ url: '/v1/session' }), roles: everyone, foreign: 'none' },
  decideAccess: {
    ask: ({ application }) => ({
      url: `/v1/session/access?action=deploy&application=${application}&environment=production`,
    }),
    roles: readers,
    foreign: 'unknown',
  },
  listProviders: { ask: () => ({ url: '/v1/sign-in' }), roles: everyone, foreign: 'none', isOpen: true },
  startDeviceSignIn: {
    ask: () => ({ url: '/v1/sign-in/corp/devices' }),
    roles: [],
    foreign: 'unknown',
    refusal: 'unknown',
    isOpen: true,
  },
  finishDeviceSignIn: {
    ask: () => ({ url: '/v1/sign-in/corp/devices/token', payload: { device: 'any' } }),
    roles: [],
    foreign: 'unknown',
    refusal: 'unknown',
    isOpen: true,
  },
  createToken: {
    ask: () => ({
      url: '/v1/tokens',
      payload: { name: randomUUID(), grants: [{ role: 'viewer', teams: ['core'] }] },
    }),
    roles: readers,
    foreign: 'none',
  },
  exchangeToken: {
    ask: () => ({
      url: '/v1/tokens/exchange',
      payload: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        subject_token: randomUUID(),
      },
    }),
    roles: [],
    foreign: 'none',
    refusal: 'ID_TOKEN_REFUSED',
    isOpen: true,
  },
  listTokens: { ask: () => ({ url: '/v1/tokens' }), roles: everyone, foreign: 'left out' },
  revokeToken: {
    ask: ({ tokenId }) => ({ url: `/v1/tokens/${tokenId}` }),
    roles: [],
    foreign: 'unknown',
    refusal: 'unknown',
  },
  listGrants: { ask: () => ({ url: '/v1/grants' }), roles: [], foreign: 'none' },
  listAudit: { ask: () => ({ url: '/v1/audit' }), roles: everyone, foreign: 'left out' },
  verifyAudit: { ask: () => ({ url: '/v1/audit/verification' }), roles: [], foreign: 'none' },
  listHosts: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}/hosts` }),
    roles: readers,
    foreign: 'unknown',
  },
  forgetHost: {
    ask: ({ application }) => ({ url: `/v1/applications/${application}/environments/production/hosts/web-9` }),
    roles: deployers,
    foreign: 'unknown',
  },
  getOverview: { ask: () => ({ url: '/v1/overview' }), roles: everyone, foreign: 'left out' },
  getStatistics: { ask: () => ({ url: '/v1/statistics' }), roles: everyone, foreign: 'left out' },
  listWorkers: { ask: () => ({ url: '/v1/workers' }), roles: everyone, foreign: 'left out' },
  drainWorker: {
    ask: () => ({ url: '/v1/workers/w1/drain', payload: {} }),
    roles: [],
    foreign: 'unknown',
    refusal: 'unknown',
  },
  resumeWorker: { ask: () => ({ url: '/v1/workers/w1/drain' }), roles: [], foreign: 'unknown', refusal: 'unknown' },
  doctor: { ask: () => ({ url: '/v1/doctor' }), roles: deployers, foreign: 'left out' },
  converge: {
    ask: ({ application }) => ({
      url: `/v1/applications/${application}/convergence`,
      payload: { environment: 'production', host: 'web-1' },
    }),
    roles: ['converger', ...deployers],
    foreign: 'unknown',
  },
  recover: {
    ask: ({ application }) => ({
      url: `/v1/applications/${application}/recovery`,
      payload: { environment: 'production' },
    }),
    roles: deployers,
    foreign: 'unknown',
  },
  doctorBalancers: {
    ask: ({ application }) => ({
      url: '/v1/load-balancers/doctor',
      payload: { application, environment: 'production' },
    }),
    roles: deployers,
    foreign: 'unknown',
  },
}

function about(path: string) {
  return ({ deploymentId }: Team) => ({ url: `/v1/deployments/${deploymentId}${path}` })
}
