export { VesemirError, errorTable, isVesemirError, toFailure, type ErrorCode } from './errors.ts'
export type {
  ChangesetStrategy,
  Changesets,
  Clock,
  DeploymentClaim,
  HostClaim,
  HostEnd,
  HostJobs,
  IntroduceContext,
  Inventory,
  LoadBalancer,
  LoadBalancerSession,
  Locks,
  RemoteSession,
  RemoteShell,
  RunOptions,
  ServerWeight,
} from './ports.ts'
