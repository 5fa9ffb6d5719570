import { ApiError, type Deployment, type DeploymentView } from '@vesemir/contract'
import {
  chooseRollback,
  hostsToRollBack,
  listRollbackVersions,
  VesemirError,
  type ApplicationEnvironment,
  type RollbackChoice,
} from '@vesemir/core'
import { useState } from 'react'
import { api } from '../api.ts'
import { navigate } from '../navigation.tsx'
import { nameHosts } from './ask.tsx'
import { Notice } from './notice.tsx'
import { Question } from './question.tsx'

/** As many deployments as the API lists at once. */
const limit = 200

interface Asked {
  deployments: readonly Deployment[]
  view: DeploymentView
  choice: RollbackChoice
}

type Problem = ApiError | VesemirError

/** The button that takes an application back to its last good version, or to an earlier one, after a question. */
export function RollBackApplication({ place }: { place: ApplicationEnvironment }) {
  const [asked, setAsked] = useState<Asked>()
  const [problem, setProblem] = useState<Problem>()
  const attempt = (act: () => Promise<void>) => {
    setProblem(undefined)
    void act().catch((error: unknown) => {
      if (!(error instanceof ApiError || error instanceof VesemirError)) throw error
      setProblem(error)
    })
  }
  const ask = async () => {
    const { deployments } = await api.listDeployments({ ...place, limit })
    // Of a deployment that is rolled back already, only a named version can be gone back to.
    const choice = chooseRollback(deployments, listRollbackVersions(deployments)[0])
    setAsked({ deployments, choice, view: await api.getDeployment(choice.current.id) })
  }
  return (
    <>
      <button className="danger" onClick={() => attempt(ask)}>
        Roll back…
      </button>
      {problem && <Notice tone="bad" title={problem.message} />}
      {asked && (
        <RollBackQuestion
          place={place}
          asked={asked}
          onChoose={(version) => setAsked({ ...asked, choice: chooseRollback(asked.deployments, version) })}
          onNo={() => setAsked(undefined)}
          onYes={(reason) => {
            setAsked(undefined)
            attempt(() => goBack(place, asked.choice, reason))
          }}
        />
      )}
    </>
  )
}

/** An earlier version is a deployment of its own: its plan is shown first. */
async function goBack(
  { application, environment }: ApplicationEnvironment,
  { by, from, to, current }: RollbackChoice,
  given: string | undefined,
): Promise<void> {
  if (by === 'deployment') {
    const reason = given ?? `back from ${from} to ${to}`
    const fields = { application, environment, version: to, reason, goesBack: 'yes', plan: 'now' }
    return navigate(`/deployments/new?${new URLSearchParams(fields)}`)
  }
  await api.commandDeployment(current.id, { command: 'rollback', ...(given === undefined ? {} : { reason: given }) })
  navigate(`/deployments/${current.id}`)
}

interface RollBackQuestionProps {
  place: ApplicationEnvironment
  asked: Asked
  onChoose: (version: string) => void
  onYes: (reason: string | undefined) => void
  onNo: () => void
}

function RollBackQuestion({ place, asked, onChoose, onYes, onNo }: RollBackQuestionProps) {
  const { deployments, view, choice } = asked
  const { from, to, current, by } = choice
  const hosts = by === 'rollback' ? hostsToRollBack(view) : view.hosts
  const tasks = current.spec.tasks?.length ? ' Of the tasks, only those of a rollback run.' : ''
  const how =
    by === 'rollback'
      ? `${current.id} is rolled back: its hosts still have ${to}.`
      : `${to} is deployed again, with the settings of today.${tasks} Its plan is shown first.`
  return (
    <Question
      title={`Roll back ${place.application} in ${place.environment}?`}
      yes={by === 'rollback' ? 'Roll back' : 'Show plan'}
      onYes={onYes}
      onNo={onNo}
    >
      <p>
        From <strong>{from}</strong> to <strong>{to}</strong> on {nameHosts(hosts)}. {how}
      </p>
      <label>
        Version
        <select value={to} onChange={({ target }) => onChoose(target.value)}>
          {listRollbackVersions(deployments).map((version) => (
            <option key={version}>{version}</option>
          ))}
        </select>
      </label>
    </Question>
  )
}
