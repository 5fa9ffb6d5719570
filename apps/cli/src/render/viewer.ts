import type {
  ConnectionChange,
  DeploymentEvent,
  DeploymentView,
  RestoredNotice,
  TrimmedNotice,
} from '@vesemir/contract'

/** Shows a deployment to whoever follows it: live, as lines, or as JSON. */
export interface Viewer {
  /** Says how the deployment stands where its story does not begin at the beginning. */
  begin: (view: DeploymentView) => void
  /** `view` is the deployment with the event in it. */
  event: (event: DeploymentEvent, view: DeploymentView) => void
  trimmed: (notice: TrimmedNotice) => void
  restored: (notice: RestoredNotice) => void
  connection: (change: ConnectionChange) => void
  /** Leaves the terminal as it should be; nothing is shown afterwards. */
  close: () => void
}
