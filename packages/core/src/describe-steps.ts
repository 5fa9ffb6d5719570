import type {
  DeploymentSpec,
  HaproxySettings,
  HealthCheck,
  PlannedRelease,
  PlanPreview,
  StepName,
} from '@vesemir/contract'
import { edges } from './hooks.ts'

type Step = PlanPreview['steps'][number]

/** Says in words what each step of a host's walk does by these settings, the commands of hooks among them. */
export function describeSteps(spec: DeploymentSpec, release: PlannedRelease): Step[] {
  const { loadBalancer, service, healthCheck, version } = spec
  const traffic = loadBalancer.kind === 'haproxy' ? describeTraffic(loadBalancer) : undefined
  const steps: [StepName, string | undefined][] = [
    ['connect', traffic ? 'SSH to the host and to every HAProxy box, keys verified' : 'SSH to the host, key verified'],
    ['guard', traffic?.guard],
    ['drain', traffic?.drain],
    ['deploy', describeRelease(spec, release)],
    ['restart', `${service.restart} (at most ${service.timeout})`],
    ['verify', describeHealthCheck(healthCheck, version)],
    ['enable', traffic?.enable],
    ['soak', traffic?.soak],
    ['restore', traffic?.restore],
  ]
  return steps.flatMap(([step, does]) =>
    does === undefined ? [] : [...hooksAt('before', step, spec), { step, does }, ...hooksAt('after', step, spec)],
  )
}

function hooksAt(edge: 'before' | 'after', step: StepName, { hooks }: DeploymentSpec): Step[] {
  const name = edges[step]?.[edge]
  return (name ? hooks[name] : []).map((does) => ({ step: `${edge} ${step}`, does }))
}

function describeTraffic(settings: HaproxySettings): Record<'guard' | 'drain' | 'enable' | 'soak' | 'restore', string> {
  const { minHealthy, guardTimeout, backends, drainTimeout, drainDeadline, onDrainTimeout } = settings
  const weights = (settings.weights ?? [settings.degradedWeight]).join(', then ')
  const then = { abort: 'it is put back', proceed: 'it goes on', cut: 'they are cut' }[onDrainTimeout]
  return {
    guard: `waits at most ${guardTimeout} until ${minHealthy} other servers are in service in ${backends.join(', ')} on every box`,
    drain: `no new sessions, after ${drainTimeout} for sticky clients neither; when some are left after ${drainDeadline}, ${then}`,
    enable: `HAProxy proves it healthy anew within ${settings.healthyTimeout}; then traffic at ${weights.split(',')[0]} of its weight`,
    soak: `${settings.degradationTime} at ${weights} of its weight`,
    restore: 'the weight that it had before',
  }
}

function describeRelease({ changeset, version }: DeploymentSpec, release: PlannedRelease): string {
  switch (changeset.strategy) {
    case 'artifact':
      return release.strategy === 'artifact'
        ? `${release.url} (${release.bytes} bytes) to ${changeset.directory}/releases/${release.id}, made current`
        : `${version} to ${changeset.directory}, made current`
    case 'command':
      return changeset.commands.join('; ')
  }
}

function describeHealthCheck(check: HealthCheck, version: string): string {
  const pace = `${check.successes} times in a row, within ${check.deadline}`
  switch (check.kind) {
    case 'http': {
      const body = check.expectBody ? ` and ${JSON.stringify(check.expectBody.replaceAll('{version}', version))}` : ''
      return `GET port ${check.port}${check.path} from the host itself gives ${check.expectStatus}${body}, ${pace}`
    }
    case 'tcp':
      return `port ${check.port} takes connections from the host itself, ${pace}`
    case 'command':
      return `${check.command} ends with 0, ${pace}`
  }
}
