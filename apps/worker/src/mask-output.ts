import { claimWith, type Claims, type DeploymentClaim, type HostClaim } from '@vesemir/core'
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
export function maskAnswers({ plan, hosts, doctor, balancers, recovery }: Answers, masker: Masker): Answers {
  const masked = <Asked, Answer>(answer: (asked: Asked, signal: AbortSignal) => Promise<Answer>) =>
    maskFailures(async (asked: Asked, signal: AbortSignal) => masker.maskAll(await answer(asked, signal)), masker)
  return {
    plan: masked(plan),
    hosts: masked(hosts),
    doctor: masked(doctor),
    balancers: masked(balancers),
    recovery: masked(recovery),
  }
}

function maskDeployment(claim: DeploymentClaim, masker: Masker): DeploymentClaim {
  return claimWith(claim, {
    append: (fact) => claim.append(masker.maskAll(fact)),
    end: (fact) => claim.end(masker.maskAll(fact)),
    log: (task, line) => claim.log(task, masker.maskAll(line)),
  })
}

function maskHost(claim: HostClaim, masker: Masker): HostClaim {
  return claimWith(claim, {
    append: (fact) => claim.append(masker.maskAll(fact)),
    defer: (fact) => claim.defer(masker.maskAll(fact)),
    log: (step, line) => claim.log(step, masker.maskAll(line)),
  })
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
