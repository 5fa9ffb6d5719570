import {
  Deployment,
  DeploymentId,
  DeploymentRequest,
  DeploymentSpec,
  Fact,
  GivenCommand,
  HostName,
  Plan,
  PlanId,
} from '@vesemir/contract'
import { z } from 'zod'

/** A deployment without what is kept in fields of its own; `followed` is how many of its commands are carried out. */
export const DeploymentRow = z.object({
  ...Deployment.omit({ counts: true, commands: true }).shape,
  followed: z.int().optional(),
})

/** The commands to a deployment: each as the API signed it, with its number. */
export const Commands = z.array(z.looseObject({ seq: z.int(), order: z.string().optional() }))
export const CommandOrder = GivenCommand.omit({ seq: true })

/** An event as its stream has it: its number is the entry's id. */
export const StoredEvent = Fact.and(z.object({ at: z.iso.datetime() }))

const typeOf = ({ shape }: { shape: { type: z.ZodLiteral<string> } }) => shape.type.value
const eventTypes = new Set(
  Fact.options.flatMap((facts) => ('options' in facts ? facts.options.map(typeOf) : typeOf(facts))),
)

/** An event of a kind that only a newer version knows: it is passed on as it is, and changes nothing that this version shows. */
export const NewerEvent = z.looseObject({
  type: z.string().refine((type) => !eventTypes.has(type)),
  at: z.iso.datetime(),
  host: z.string().optional(),
})

export const HostNames = z.array(HostName)

/** A plan that can be deployed: what it came to, and what it was made of. `spec` is the request, completed by the definition as it was then. */
export const StoredPlan = z.object({
  id: PlanId,
  request: DeploymentRequest,
  spec: DeploymentSpec,
  plan: Plan,
  /** From then on it is none, though somebody put it back. */
  expiresMs: z.int(),
})

/** The deployment that the first request with an Idempotency-Key has made, and what tells that request's content. */
export const Kept = z.object({ id: z.string(), fingerprint: z.string() })
export type Kept = z.infer<typeof Kept>

export const InstalledRelease = z.object({
  release: z.string(),
  version: z.string(),
  deployment: DeploymentId,
  at: z.iso.datetime(),
})

export const ReportedRelease = z.object({
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
