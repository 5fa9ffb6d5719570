import type { HealthCheck, HostState } from '@vesemir/contract'

/**
 * Says in words why a health check passes with any version, or returns nothing when a pass proves the version that is
 * wanted: an HTTP check by an expectation that names `{version}`, a command by reading `VESEMIR_VERSION`.
 */
export function versionProofLack(check: HealthCheck): string | undefined {
  switch (check.kind) {
    case 'http': {
      const { expectBody = '', expectHeaders = {} } = check
      const isNamed = [expectBody, ...Object.values(expectHeaders)].some((text) => text.includes('{version}'))
      return isNamed ? undefined : `${check.path} passes with any version; add expectBody: '{version}'`
    }
    case 'tcp':
      return "a connection shows only that something listens; use kind: http with expectBody: '{version}'"
    case 'command':
      return check.command.includes('VESEMIR_VERSION')
        ? undefined
        : 'the command does not read $VESEMIR_VERSION; compare it with what runs'
  }
}

/** Whether a walk ended well with a version that nothing proved. */
export function lacksVersionProof(state: HostState): boolean {
  return 'isVersionProven' in state && state.isVersionProven === false
}
