import {
  Deployment,
  DeploymentFact,
  DeploymentId,
  DeploymentRequest,
  DeploymentSpec,
  GivenCommand,
  HostFact,
  HostName,
  LogFact,
  Plan,
  PlanId,
} from '@vesemir/contract'
import { z } from 'zod'

/** A deployment without what is kept in fields of its own. */
export const DeploymentRow = Deployment.omit({ counts: true, commands: true })

export const Commands = z.array(GivenCommand)

/** An event as its stream has it: its number is the entry's id. */
export const StoredEvent = z
  .discriminatedUnion('type', [DeploymentFact, HostFact, LogFact])
  .and(z.object({ at: z.iso.datetime() }))

export const HostNames = z.array(HostName)

/** A plan that can be deployed: what it came to, and what it was made of. `spec` is the request, completed by the definition as it was then. */
export const StoredPlan = z.object({ id: PlanId, request: DeploymentRequest, spec: DeploymentSpec, plan: Plan })
export type StoredPlan = z.infer<typeof StoredPlan>

/** The deployment that the first request with an Idempotency-Key has made, and what tells that request's content. */
export const Kept = z.object({ id: z.string(), fingerprint: z.string() })
export type Kept = z.infer<typeof Kept>

export const PutRelease = z.object({
  release: z.string(),
  version: z.string(),
  deployment: DeploymentId,
  at: z.iso.datetime(),
})

export const SaidRelease = z.object({
  release: z.string(),
  at: z.iso.datetime(),
  isVersionProven: z.boolean().optional(),
})

const wanted = z.object({
  deployment: DeploymentId,
  release: z.string(),
  version: z.string(),
  since: z.iso.datetime().optional(),
})
export const WantedRelease = z.object({ ...wanted.shape, before: wanted.optional() })
export type WantedRelease = z.infer<typeof WantedRelease>
