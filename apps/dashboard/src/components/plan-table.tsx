import type { BackendCapacity, Plan, PlanPreview, ServerState } from '@vesemir/contract'
import { isSameServer } from '@vesemir/core'
import { count, formatEstimate, serverStatus } from '@vesemir/words'
import { Status } from './mark.tsx'

/** What a deployment would do: its hosts in their waves with their servers as they are now, and the walk of each. */
export function PlanTable({ preview: { plan, servers, steps, estimateSeconds } }: { preview: PlanPreview }) {
  const { hosts, waves, boxes, release, warnings } = plan
  return (
    <>
      <p>
        {count(hosts.length, 'host')} in {count(waves.length, 'wave')}, at most {plan.concurrency} at once
        {boxes.length > 0 && `, behind ${boxes.map(({ name }) => name).join(', ')}`}; release {release.id}.
        {estimateSeconds !== undefined &&
          ` It will take ${formatEstimate(estimateSeconds * 1000)}, as earlier ones did.`}
      </p>
      {warnings.length > 0 && (
        <ul className="notice" data-tone="waiting" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <CapacityTable capacity={plan.capacity ?? []} />
      <div className="table-frame plan-hosts" role="region" aria-label="Hosts of the plan" tabIndex={0}>
        <table>
          <caption className="visually-hidden">Hosts of the plan</caption>
          <thead>
            <tr>
              <th scope="col">Wave</th>
              <th scope="col">Host</th>
              <th scope="col">Servers now</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <PlannedRow key={host.target.name} host={host} servers={servers} />
            ))}
          </tbody>
        </table>
      </div>
      <details>
        <summary>What is done on each host</summary>
        <ol className="plan-steps">
          {steps.map(({ step, does }, index) => (
            <li key={`${step} ${index}`}>
              <strong>{step}</strong> {does}
            </li>
          ))}
        </ol>
      </details>
    </>
  )
}

/** How few servers of each backend will have to carry the load of now. */
function CapacityTable({ capacity }: { capacity: readonly BackendCapacity[] }) {
  if (capacity.length === 0) return null
  return (
    <div className="table-frame" role="region" aria-label="Capacity that stays" tabIndex={0}>
      <table>
        <caption className="visually-hidden">Capacity that stays</caption>
        <thead>
          <tr>
            <th scope="col">Backend</th>
            <th scope="col">Servers that stay</th>
            <th scope="col">Load now</th>
            <th scope="col">Their limit</th>
          </tr>
        </thead>
        <tbody>
          {capacity.map(({ box, backend, inService, least, sessions, sessionsPerSecond, sessionLimit }) => (
            <tr key={`${box} ${backend}`}>
              <th scope="row">
                {box} <span className="sub">{backend}</span>
              </th>
              <td>
                {least} of {inService}
              </td>
              <td>
                {count(sessions, 'session')}, {sessionsPerSecond} more each second
              </td>
              <td>{sessionLimit === undefined ? 'none' : count(sessionLimit, 'session')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PlannedRow({
  host: { target, wave, servers: refs },
  servers,
}: {
  host: Plan['hosts'][number]
  servers: readonly ServerState[]
}) {
  return (
    <tr>
      <td className="number">{wave}</td>
      <th scope="row">
        {target.name} <span className="sub">{target.zone ?? target.address}</span>
      </th>
      <td>
        {refs.map((ref) => {
          const state = servers.find((server) => isSameServer(server, ref))
          return (
            <span key={`${ref.box} ${ref.backend} ${ref.server}`} className="server">
              {ref.box} <span className="sub">{ref.backend}</span>
              {state && (
                <>
                  <Status shown={serverStatus(state)} />
                  <span className="weight">weight {state.weight}</span>
                  <span className="sessions">{count(state.sessions, 'session')}</span>
                </>
              )}
            </span>
          )
        })}
      </td>
    </tr>
  )
}
