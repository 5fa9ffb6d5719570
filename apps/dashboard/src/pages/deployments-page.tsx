import type { ApplicationDefinition, Deployment, DeploymentFilter } from '@vesemir/contract'
import { api } from '../api.ts'
import { DeploymentFilters, type FilterOptions } from '../components/deployment-filters.tsx'
import { DeploymentTable } from '../components/deployment-table.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { failuresFirst } from '../failures-first.ts'
import { momentOfDay } from '../moment-of-day.ts'
import { addressWith, Link, useAddress, type Address } from '../navigation.tsx'
import { useSession } from '../session.tsx'
import { useNarrow } from '../use-narrow.ts'
import { changesRestMs, useLoaded } from '../use-loaded.ts'

/** The deployments, newest first, as the address filters them. Where few fit on the screen, failures come before the others. */
export function DeploymentsPage() {
  const { query } = useAddress()
  const place = { path: '/deployments', query }
  const isNarrow = useNarrow()
  const filter = toFilter(query)
  const { value, error } = useLoaded((signal, unlike) => api.listDeployments(filter, { signal, unlike }), {
    key: place.query.toString(),
    restMs: changesRestMs,
  })
  const applications = useLoaded((signal) => api.listApplications({ signal }), { key: '' })
  const deployments = value?.deployments ?? []
  return (
    <>
      <PageTitle title="Deployments" />
      <DeploymentFilters place={place} options={optionsOf(applications.value?.applications ?? [], deployments)} />
      {error && (
        <Notice
          tone="bad"
          title={value ? 'This list may be out of date' : 'Failed to load the deployments'}
          error={error}
        />
      )}
      {value && deployments.length === 0 && <NoDeployments isFiltered={place.query.size > 0} />}
      {deployments.length > 0 && (
        <DeploymentTable
          deployments={isNarrow ? failuresFirst(deployments) : deployments}
          caption={`Deployments, ${isNarrow ? 'failed first, then ' : ''}newest first`}
        />
      )}
      <Pages place={place} next={value?.next} />
    </>
  )
}

function optionsOf(applications: readonly ApplicationDefinition[], deployments: readonly Deployment[]): FilterOptions {
  const specs = deployments.map(({ spec }) => spec)
  return {
    application: unique([...applications.map(({ name }) => name), ...specs.map(({ application }) => application)]),
    environment: unique([
      ...applications.flatMap(({ environments = {} }) => Object.keys(environments)),
      ...specs.map(({ environment }) => environment),
    ]),
    team: unique([...applications.flatMap(({ team }) => team ?? []), ...specs.map(({ team }) => team)]),
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}

/** A day is from midnight to midnight by the clock of who looks. */
function toFilter(query: URLSearchParams): Partial<DeploymentFilter> {
  const { since = '', until = '', ...others } = Object.fromEntries(query)
  const [from, to] = [momentOfDay(since, '00:00:00'), momentOfDay(until, '23:59:59.999')]
  return { ...others, ...(from === undefined ? {} : { since: from }), ...(to === undefined ? {} : { until: to }) }
}

function NoDeployments({ isFiltered }: { isFiltered: boolean }) {
  const { mayDeploy } = useSession()
  return (
    <div className="empty">
      <p>{isFiltered ? 'No deployments match these filters.' : 'No deployments yet.'}</p>
      {mayDeploy && !isFiltered && <Link href="/deployments/new">Start the first deployment</Link>}
    </div>
  )
}

function Pages({ place, next }: { place: Address; next: string | undefined }) {
  const isFirst = !place.query.has('before')
  if (isFirst && next === undefined) return null
  return (
    <nav className="pages" aria-label="Pages">
      {!isFirst && <Link href={addressWith(place, { before: undefined })}>Newest</Link>}
      {next !== undefined && <Link href={addressWith(place, { before: next })}>Older</Link>}
    </nav>
  )
}
