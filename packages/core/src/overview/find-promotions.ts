import type { OverviewPlace } from '@vesemir/contract'

type Place = Pick<OverviewPlace, 'environment' | 'version' | 'since'>

/**
 * Returns the versions that an environment can take over from the others of its application: those deployed there later than what
 * should run here, latest first. A version that has been here since is not offered again, so nothing is promoted backwards.
 */
export function findPromotions(here: Place, places: readonly Place[]): OverviewPlace['promotions'] {
  return places
    .flatMap(({ environment, version, since = '' }) =>
      version === undefined ? [] : [{ from: environment, version, since }],
    )
    .filter(({ from, version, since }) => {
      return from !== here.environment && version !== here.version && since > (here.since ?? '')
    })
    .toSorted((a, b) => (a.since < b.since ? 1 : -1))
    .map(({ from, version }) => ({ from, version }))
}
