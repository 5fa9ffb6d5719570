import { createHash } from 'node:crypto'
import { aPlan } from '@vesemir/contract/testing'
import { DeploymentRequest, type Grant } from '@vesemir/contract'
import { resolveSpec } from '@vesemir/core'
import type { RedisServer } from '@vesemir/testing/start-redis'
import type { AccessSettings } from '../access-settings.ts'
import { anApplication, startApi, type TestApi } from './start-api.ts'

/** An application of one team, with a deployment that runs and a plan. */
export interface Team {
  team: string
  application: string
  deploymentId: string
  planId: string
  /** A token of somebody of the team. */
  tokenId: string
}

/** An API of two teams: `payments` of team core, and `ledger` of team fin. */
export interface TwoTeams extends TestApi {
  settings: AccessSettings
  core: Team
  fin: Team
}

/** Returns the token of someone whom `startTwoTeams` lets in. */
export function tokenFor(name: string): string {
  return `${name}-token-0123456789`
}

/** Starts an API for two teams. `people` have the grants that are given, by name, and no others. */
export async function startTwoTeams(
  server: RedisServer,
  { people, ...options }: Parameters<typeof startApi>[1] & { people: Record<string, readonly Grant[]> },
): Promise<TwoTeams> {
  const names = Object.keys(people)
  const settings = {
    tokens: Object.fromEntries(names.map((name) => [name, { sha256: sumOf(tokenFor(name)) }])),
    grants: names.flatMap((name) => people[name]!.map((grant) => ({ who: [name], ...grant }))),
  }
  const api = await startApi(server, { answerTimeoutMs: 100, ...settings, ...options })
  const core = await startTeam(api, { team: 'core', application: 'payments' })
  const fin = await startTeam(api, { team: 'fin', application: 'ledger' })
  return { ...api, settings, core, fin }
}

async function startTeam(
  { records, apiTokens }: Pick<TestApi, 'records' | 'apiTokens'>,
  { team, application: name }: { team: string; application: string },
): Promise<Team> {
  const definition = anApplication({ name, team })
  await records.applications.put(definition)
  const request = DeploymentRequest.parse({ application: name, environment: 'production', version: '1.0.0' })
  const spec = resolveSpec(request, { application: definition, clusters: ['eu'] })
  const { id: deploymentId } = await records.deployments.create({ spec, requestedBy: 'chief' })
  const claim = await records.claims.claimDeployment(deploymentId, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan([`${name}-1`]) })
  const planId = await records.plans.nextId()
  await records.plans.keep({ id: planId, request, spec: { ...spec, planId }, plan: aPlan([`${name}-1`]) })
  const { id: tokenId } = await apiTokens.create({
    name: `${team}-ci`,
    owner: { kind: 'token', name: 'chief' },
    grants: [{ role: 'deployer', teams: [team] }],
    expiresMs: Date.now() + 3_600_000,
  })
  return { team, application: name, deploymentId, planId, tokenId }
}

function sumOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
