/** What connections are opened for. It decides whose key logs in, where keys are certified as they are needed. */
export type Purpose =
  | { name: 'deployment'; deployment: string; application: string; environment: string }
  /** Hosts are looked at, for a plan or by doctor. */
  | { name: 'checks' }
  /** Boxes, whose connections all deployments share. */
  | { name: 'load-balancer' }
  /** Jump hosts, whose connections all hosts behind them share. */
  | { name: 'jump-host' }

/** Returns a purpose as environment variables. */
export function purposeVariables(purpose: Purpose): Record<string, string> {
  if (purpose.name !== 'deployment') return { VESEMIR_PURPOSE: purpose.name }
  const { name, deployment, application, environment } = purpose
  return {
    VESEMIR_PURPOSE: name,
    VESEMIR_DEPLOYMENT: deployment,
    VESEMIR_APPLICATION: application,
    VESEMIR_ENVIRONMENT: environment,
  }
}
