import type { BackendCapacity, KeptPlan, Plan, ServerState } from '@vesemir/contract'
import { isSameServer } from '@vesemir/core'
import { count, describePlan, formatEstimate, serverStatus, taskMoments } from '@vesemir/words'
import { capitalize, Status } from './mark.tsx'
import { WhatChanges } from './what-changes.tsx'

/** What a deployment would do: its hosts by wave with their servers as they are now, and the steps on each host. */
export function PlanTable({ preview, version }: { preview: KeptPlan; version: string }) {
  const { plan, servers, steps, tasks = [], estimateSeconds } = preview
  const { hosts, warnings, changes } = plan
  return (
    <>
      {changes && <WhatChanges changes={changes} version={version} isOpen />}
      <p>
        {capitalize(describePlan({ ...plan, hosts: hosts.length }))}.
        {estimateSeconds !== undefined && ` Estimated duration: ${formatEstimate(estimateSeconds * 1000)}.`}
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
      <PlannedTasks tasks={tasks} />
      <details>
        <summary>Steps on each host</summary>
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

function PlannedTasks({ tasks }: { tasks: NonNullable<KeptPlan['tasks']> }) {
  if (tasks.length === 0) return null
  return (
    <details open>
      <summary>Tasks, once per deployment</summary>
      <ol className="plan-steps">
        {tasks.map(({ task, when, does }) => (
          <li key={task}>
            <strong>{task}</strong> {taskMoments[when]}: {does}
          </li>
        ))}
      </ol>
    </details>
  )
}

/** The fewest servers of each backend that will be in service, beside its load now. */
function CapacityTable({ capacity }: { capacity: readonly BackendCapacity[] }) {
  if (capacity.length === 0) return null
  return (
    <div className="table-frame" role="region" aria-label="Minimum capacity" tabIndex={0}>
      <table>
        <caption className="visually-hidden">Minimum capacity</caption>
        <thead>
          <tr>
            <th scope="col">Backend</th>
            <th scope="col">Servers in service, at least</th>
            <th scope="col">Load now</th>
            <th scope="col">Session limit at minimum</th>
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
                {count(sessions, 'session')}, {sessionsPerSecond} new per second
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
