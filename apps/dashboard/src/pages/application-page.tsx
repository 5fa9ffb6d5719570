import type { Action, ApiError, ApplicationDefinition, Deployment } from '@vesemir/contract'
import { describeRestart, findGrant, subjectOf, type ApplicationEnvironment } from '@vesemir/core'
import { describeChangeset, describeConcurrency, describeHealthCheck, describeLoadBalancer } from '@vesemir/words'
import { api } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { DeploymentTable } from '../components/deployment-table.tsx'
import { HostVersions } from '../components/host-versions.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { RollBackApplication } from '../components/roll-back-application.tsx'
import { Schedule } from '../components/schedule.tsx'
import { addressWith, Link, navigate, useAddress } from '../navigation.tsx'
import { useSession } from '../session.tsx'
import { useNarrow } from '../use-narrow.ts'
import { changesRestMs, useLoaded } from '../use-loaded.ts'

/** One application: its definition, the versions on its hosts, and its deployments. */
export function ApplicationPage({ name }: { name: string }) {
  const place = useAddress()
  const { mayDeploy } = useSession()
  const application = useLoaded((signal) => api.getApplication(name, { signal }), { key: name })
  const history = useLoaded(
    (signal, unlike) => api.listDeployments({ application: name, limit: 50 }, { signal, unlike }),
    {
      key: name,
      restMs: changesRestMs,
    },
  )
  const { value: frozen } = useLoaded((signal) => api.listFreezes(name, { signal }), { key: name })
  const deployments = history.value?.deployments ?? []
  const environments = [
    ...new Set([
      ...Object.keys(application.value?.environments ?? {}),
      ...deployments.map(({ spec }) => spec.environment),
    ]),
  ].toSorted()
  const wanted = place.query.get('environment')
  const environment = wanted !== null && environments.includes(wanted) ? wanted : firstShown(environments, deployments)
  return (
    <>
      <PageTitle
        title={name}
        aside={
          mayDeploy && (
            <Link
              className="button"
              href={`/deployments/new?${new URLSearchParams({ application: name, ...(environment && { environment }) })}`}
            >
              Deploy {name}
            </Link>
          )
        }
      />
      {application.error && <Notice tone="bad" title={`Failed to load ${name}`} error={application.error} />}
      {application.value && <Definition definition={application.value} />}
      {frozen?.freezes.map(({ text }) => (
        <Notice key={text} tone="waiting" title={text} />
      ))}
      {environment !== undefined && (
        <>
          <EnvironmentChoices environments={environments} chosen={environment} />
          <EnvironmentPart
            place={{ application: name, environment }}
            definition={application.value}
            deployments={deployments.filter(({ spec }) => spec.environment === environment)}
            error={history.error}
          />
        </>
      )}
    </>
  )
}

interface EnvironmentPartProps {
  place: ApplicationEnvironment
  definition: ApplicationDefinition | undefined
  deployments: readonly Deployment[]
  error: ApiError | undefined
}

/** The hosts and deployments of one environment, and what takes it back or brings its hosts up to date. */
function EnvironmentPart({ place, definition, deployments, error }: EnvironmentPartProps) {
  const { application, environment } = place
  const { grants } = useSession()
  const may = (action: Action) => findGrant(grants, action, subjectOf(place, definition)) !== undefined
  return (
    <>
      <h2>Hosts in {environment}</h2>
      <Schedule place={place} />
      <HostVersions place={place} deployments={deployments} mayConverge={may('deploy')} />
      <div className="page-title">
        <h2>Deployments to {environment}</h2>
        {may('steer') && <RollBackApplication key={environment} place={place} />}
      </div>
      {error && <Notice tone="bad" title="Failed to load the deployments" error={error} />}
      {deployments.length > 0 ? (
        <DeploymentTable deployments={deployments} caption={`Deployments of ${application} in ${environment}`} />
      ) : (
        <p className="empty">{`No deployments to ${environment} yet.`}</p>
      )}
      <Badge place={place} />
    </>
  )
}

/** The environment that people most likely come for: production, or else where it was deployed last. */
function firstShown(environments: readonly string[], deployments: readonly Deployment[]): string | undefined {
  const [last] = deployments
  return environments.find((name) => /^prod/i.test(name)) ?? last?.spec.environment ?? environments[0]
}

function EnvironmentChoices({ environments, chosen }: { environments: readonly string[]; chosen: string }) {
  const place = useAddress()
  return (
    <div className="choices" role="group" aria-label="Environment">
      {environments.map((choice) => (
        <button
          key={choice}
          className="chip"
          aria-pressed={choice === chosen}
          onClick={() => navigate(addressWith(place, { environment: choice }), { replace: true })}
        >
          {choice}
        </button>
      ))}
    </div>
  )
}

function Definition({ definition }: { definition: ApplicationDefinition }) {
  const isNarrow = useNarrow()
  const { description, team, cluster, hosts, concurrency, changeset, service, healthCheck, loadBalancer } = definition
  const facts: [string, string][] = [
    ['Team', [team, cluster && `cluster ${cluster}`].filter(Boolean).join(', ')],
    [
      'Hosts',
      [hosts?.query ?? hosts?.tags?.join(', ') ?? 'all of the environment', describeConcurrency(concurrency)].join(
        '; ',
      ),
    ],
    ['Load balancer', describeLoadBalancer(loadBalancer)],
    ['Changeset', describeChangeset(changeset)],
    ['Restart', service ? describeRestart(service) : 'set by each deployment'],
    ['Health', describeHealthCheck(healthCheck)],
  ]
  return (
    <section className="card request" aria-label="Definition">
      {description !== undefined && <p>{description}</p>}
      {/* Where there is little room, what runs on the hosts comes before how it gets there. */}
      <details open={!isNarrow}>
        <summary>How it is deployed</summary>
        <dl>
          {facts.map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <details>
          <summary>All settings</summary>
          <pre tabIndex={0}>{JSON.stringify(definition, null, 2)}</pre>
        </details>
      </details>
    </section>
  )
}
