import type { DeploymentView } from '@vesemir/contract'
import { deploymentStatus, describeDeployment } from '@vesemir/words'

/** What a notification says. */
export interface EndNotice {
  title: string
  body: string
}

/** Describes the end of a deployment for a notification. */
export function describeEnd(view: DeploymentView, nowMs: number): EndNotice {
  const { spec } = view.deployment
  const { text } = deploymentStatus(view.deployment)
  return {
    title: `${spec.application} ${spec.version} to ${spec.environment}: ${text}`,
    body: describeDeployment(view, { nowMs }),
  }
}
