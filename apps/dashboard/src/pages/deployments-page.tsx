import type { ApplicationDefinition, Deployment, DeploymentFilter } from '@vesemir/contract'
import { deploymentStatuses } from '@vesemir/words'
import { api } from '../api.ts'
import { DeploymentTable } from '../components/deployment-table.tsx'
import { capitalize } from '../components/mark.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { escapeDirectionMarks } from '../escape-direction-marks.ts'
import { addressWith, Link, navigate, useAddress, type Address } from '../navigation.tsx'
import { useSession } from '../session.tsx'
import { changesRestMs, useLoaded } from '../use-loaded.ts'

/** The deployments, newest first, as the address filters them. */
export function DeploymentsPage() {
  const { query } = useAddress()
  const place = { path: '/deployments', query }
  const filter = Object.fromEntries(place.query) as Partial<DeploymentFilter>
  const { value, error } = useLoaded((signal, unlike) => api.listDeployments(filter, { signal, unlike }), {
    key: place.query.toString(),
    restMs: changesRestMs,
  })
  const applications = useLoaded((signal) => api.listApplications({ signal }), { key: '' })
  const deployments = value?.deployments ?? []
  return (
    <>
      <PageTitle title="Deployments" />
      <Filters place={place} options={optionsOf(applications.value?.applications ?? [], deployments)} />
      {error && (
        <Notice
          tone="bad"
          title={value ? 'This list may be out of date' : 'Failed to load the deployments'}
          error={error}
        />
      )}
      {value && deployments.length === 0 && <NoDeployments isFiltered={place.query.size > 0} />}
      {deployments.length > 0 && <DeploymentTable deployments={deployments} caption="Deployments, newest first" />}
      <Pages place={place} next={value?.next} />
    </>
  )
}

interface FilterOptions {
  application: string[]
  environment: string[]
  team: string[]
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

function Filters({ place, options }: { place: Address; options: FilterOptions }) {
  const select = (
    name: 'application' | 'environment' | 'team' | 'status',
    label: string,
    choices: [string, string][],
  ) => {
    const value = place.query.get(name) ?? ''
    const isKnown = value === '' || choices.some(([choice]) => choice === value)
    return (
      <label>
        {label}
        <select
          value={value}
          onChange={({ target }) =>
            navigate(addressWith(place, { [name]: target.value, before: undefined }), { replace: true })
          }
        >
          <option value="">All</option>
          {[...choices, ...(isKnown ? [] : [[value, escapeDirectionMarks(value)] as const])].map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </select>
      </label>
    )
  }
  const named = (names: string[]): [string, string][] => names.map((name) => [name, name])
  return (
    <form className="filters" role="search" aria-label="Deployments" onSubmit={(event) => event.preventDefault()}>
      {select('application', 'Application', named(options.application))}
      {select('environment', 'Environment', named(options.environment))}
      {select('team', 'Team', named(options.team))}
      {select('status', 'State', statusChoices)}
      {place.query.size > 0 && <Link href={place.path}>Clear filters</Link>}
    </form>
  )
}

const statusChoices = Object.entries(deploymentStatuses).map(([status, { text }]): [string, string] => [
  status,
  capitalize(text),
])

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
