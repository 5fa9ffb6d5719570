import type { Claims, DeploymentClaim, HostClaim } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import type { Answers, JobRun } from '@vesemir/store/queue'

/** Has secrets masked in all that a worker writes into the record. */
export function maskRecord(claims: Claims, masker: Masker): Claims {
  return {
    claimDeployment: async (id, worker) => maskDeployment(await claims.claimDeployment(id, worker), masker),
    claimHost: async (id, host, worker) => maskHost(await claims.claimHost(id, host, worker), masker),
    refuseDeployment: (id, failure) => claims.refuseDeployment(id, masker.maskAll(failure)),
  }
}

/** Has secrets masked in what a job fails with: the queue keeps that, and shows it. */
export function maskFailures<Rest extends [AbortSignal, ...JobRun[]], Job, Result>(
  process: (job: Job, ...rest: Rest) => Promise<Result>,
  masker: Masker,
): (job: Job, ...rest: Rest) => Promise<Result> {
  return async (job, ...rest) => {
    try {
      return await process(job, ...rest)
    } catch (error) {
      throw maskError(error, masker)
    }
  }
}

/** Has secrets masked in the answers to questions. */
export function maskAnswers({ plan, hosts, doctor, balancers }: Answers, masker: Masker): Answers {
  return {
    plan: maskFailures(async (asked, signal) => masker.maskAll(await plan(asked, signal)), masker),
    hosts: maskFailures(async (asked, signal) => masker.maskAll(await hosts(asked, signal)), masker),
    doctor: maskFailures(async (asked, signal) => masker.maskAll(await doctor(asked, signal)), masker),
    balancers: maskFailures(async (asked, signal) => masker.maskAll(await balancers(asked, signal)), masker),
  }
}

function maskDeployment(claim: DeploymentClaim, masker: Masker): DeploymentClaim {
  return {
    get deployment() {
      return claim.deployment
    },
    attempt: claim.attempt,
    append: (fact) => claim.append(masker.maskAll(fact)),
    end: (fact) => claim.end(masker.maskAll(fact)),
    readHosts: () => claim.readHosts(),
    nextNews: (cursor, options) => claim.nextNews(cursor, options),
    readCurrent: () => claim.readCurrent(),
    supersede: () => claim.supersede(),
    readReleases: () => claim.readReleases(),
    readExpectedPlan: () => claim.readExpectedPlan(),
  }
}

function maskHost(claim: HostClaim, masker: Masker): HostClaim {
  return {
    get deployment() {
      return claim.deployment
    },
    get host() {
      return claim.host
    },
    attempt: claim.attempt,
    append: (fact) => claim.append(masker.maskAll(fact)),
    defer: (fact) => claim.defer(masker.maskAll(fact)),
    check: () => claim.check(),
    untilCancelled: (signal) => claim.untilCancelled(signal),
    log: (step, line) => claim.log(step, masker.maskAll(line)),
    flush: () => claim.flush(),
    [Symbol.asyncDispose]: () => claim[Symbol.asyncDispose](),
  }
}

/** Changes the error itself: what it is, others go by. */
function maskError(error: unknown, { mask }: Masker): unknown {
  if (!(error instanceof Error)) return error
  for (const part of ['message', 'stack'] as const) {
    const text = error[part] ?? ''
    if (mask(text) !== text) Object.defineProperty(error, part, { value: mask(text) })
  }
  return error
}
