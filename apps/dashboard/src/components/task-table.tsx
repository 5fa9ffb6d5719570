import type { DeploymentView } from '@vesemir/contract'
import { describeTask, listTasks } from '@vesemir/core'
import { describeTaskResult, taskMoments, taskStatus, taskTime } from '@vesemir/words'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import { useNow } from '../use-now.ts'
import { capitalize, Status } from './mark.tsx'

/** What is done once per deployment, one row each: when, how it stands, and what it came to. */
export function TaskTable({ view: { deployment } }: { view: DeploymentView }) {
  const place = useAddress()
  const tasks = listTasks(deployment)
  const nowMs = useNow(tasks.some(({ record }) => record?.status === 'running'))
  if (tasks.length === 0) return null
  return (
    <section className="card tasks" aria-labelledby="tasks-heading">
      <h2 id="tasks-heading">Tasks</h2>
      <div className="table-frame" role="region" aria-label="Tasks and their results" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">When</th>
              <th scope="col">State</th>
              <th scope="col" className="number">
                Took
              </th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((turn) => (
              <tr key={turn.task.name}>
                <th scope="row">
                  <Link href={addressWith(place, { task: turn.task.name, host: undefined, line: undefined })}>
                    {turn.task.name}
                  </Link>{' '}
                  <span className="sub">{describeTask(turn.task)}</span>
                </th>
                <td>{capitalize(taskMoments[turn.task.when])}</td>
                <td>
                  <Status shown={taskStatus(turn)} />
                </td>
                <td className="number">{taskTime(turn, nowMs)}</td>
                <td>{describeTaskResult(turn)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
