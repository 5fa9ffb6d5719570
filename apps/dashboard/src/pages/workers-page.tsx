import type { WorkerView } from '@vesemir/contract'
import { clustersOf, describeRedisMemory, findGrant, isNearlyFull, redisMemoryHint } from '@vesemir/core'
import { describeWorkerJobs, workerStatuses } from '@vesemir/words'
import { api } from '../api.ts'
import { Status } from '../components/mark.tsx'
import { Moment } from '../components/moment.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { useSession } from '../session.tsx'
import { useChange } from '../use-change.ts'
import { useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'

/** Workers report themselves every 2 s. */
const restMs = 3000

/** The workers: what each has in progress, and a button for who may drain it. */
export function WorkersPage() {
  const nowMs = useNow()
  const { value, error, reload } = useLoaded((signal) => api.listWorkers({ signal }), { key: '', restMs })
  const { change, problem } = useChange(reload)
  return (
    <>
      <PageTitle title="Workers" />
      <p>A drained worker takes no jobs. Other workers of its clusters resume what it had in progress.</p>
      {error && <Notice tone="bad" title="Failed to load the workers" error={error} />}
      {problem && <Notice tone="bad" title="Failed to change the worker" error={problem} />}
      {value && value.clustersWithoutWorker.length > 0 && (
        <Notice tone="bad" title={`No worker takes jobs of ${value.clustersWithoutWorker.join(', ')}`}>
          <p>Deployments there wait.</p>
        </Notice>
      )}
      {value?.redisMemory && isNearlyFull(value.redisMemory) && (
        <Notice tone="bad" title={`Redis has little memory left: ${describeRedisMemory(value.redisMemory)}`}>
          <p>{redisMemoryHint}</p>
        </Notice>
      )}
      {value && value.workers.length > 0 && (
        <div className="table-frame" role="region" aria-label="Workers" tabIndex={0}>
          <table className="workers">
            <caption className="visually-hidden">Workers, their load and what is in progress</caption>
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">State</th>
                <th scope="col">Load</th>
                <th scope="col" className="wide-only">
                  In progress
                </th>
                <th scope="col" className="wide-only">
                  Started
                </th>
                <th scope="col" className="wide-only">
                  Last seen
                </th>
                <th scope="col">
                  <span className="visually-hidden">Drain</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.workers.map((worker) => (
                <Row key={worker.name} worker={worker} nowMs={nowMs} onChange={change} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

interface RowProps {
  worker: WorkerView
  nowMs: number
  onChange: (request: Promise<unknown>) => void
}

function Row({ worker, nowMs, onChange }: RowProps) {
  const { grants } = useSession()
  const { name, version, state, drain, load, jobs, startedAt, seenAt } = worker
  const mayDrain = clustersOf(worker).every((cluster) => findGrant(grants, 'drain-workers', { cluster }))
  return (
    <tr>
      <th scope="row">
        {name}
        <span className="sub">{version}</span>
      </th>
      <td>
        <Status shown={workerStatuses[state]} />
        {drain && (
          <span className="sub">
            by {drain.by}
            {drain.reason === undefined ? '' : `: ${drain.reason}`}
          </span>
        )}
      </td>
      <td>
        {load.map(({ cluster, deployments, maxDeployments, hosts, maxHosts }) => (
          <div key={cluster}>
            {cluster}: {hosts}/{maxHosts} hosts, {deployments}/{maxDeployments} deployments
          </div>
        ))}
      </td>
      <td className="wide-only">{describeWorkerJobs(jobs)}</td>
      <td className="wide-only">
        <Moment at={startedAt} nowMs={nowMs} />
      </td>
      <td className="wide-only">
        <Moment at={seenAt} nowMs={nowMs} />
      </td>
      <td>
        {mayDrain && state === 'working' && (
          <button onClick={() => onChange(api.drainWorker(name))}>
            Drain<span className="visually-hidden"> {name}</span>
          </button>
        )}
        {mayDrain && drain && (
          <button onClick={() => onChange(api.resumeWorker(name))}>
            Resume<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </td>
    </tr>
  )
}
