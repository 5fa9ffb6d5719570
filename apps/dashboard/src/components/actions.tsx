import { ApiError, type Command, type DeploymentView } from '@vesemir/contract'
import { actionOfCommand, findGrant, hostsToRetry, possibleCommands, type CommandName } from '@vesemir/core'
import { count } from '@vesemir/words'
import { useState } from 'react'
import { api } from '../api.ts'
import { useSession } from '../session.tsx'
import { useAnnounce } from './announcer.tsx'
import { Ask, commandLabels, isQuestioned } from './ask.tsx'
import { Notice } from './notice.tsx'

/** Gives a command to a deployment; `problem` is why the last one was refused. */
export interface Steering {
  give: (command: Command) => void
  isBusy: boolean
  problem: ApiError | undefined
}

/** Steers a deployment. `onGiven` is called when a command was taken. */
export function useSteering(id: string, onGiven: () => void): Steering {
  const [state, setState] = useState<{ isBusy: boolean; problem: ApiError | undefined }>({
    isBusy: false,
    problem: undefined,
  })
  const announce = useAnnounce()
  const give = async (command: Command) => {
    setState({ isBusy: true, problem: undefined })
    try {
      await api.commandDeployment(id, command)
      announce(`${commandLabels[command.command]}: the deployment was told so.`)
      setState({ isBusy: false, problem: undefined })
      onGiven()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setState({ isBusy: false, problem: error })
    }
  }
  return { ...state, give: (command) => void give(command) }
}

/** The buttons for what the state of a deployment allows. What cannot be undone is asked about first. */
export function Actions({ view, steering }: { view: DeploymentView; steering: Steering }) {
  const [asked, setAsked] = useState<CommandName>()
  const { name, role, grants } = useSession()
  const commands = possibleCommands(view).filter((command) =>
    findGrant(grants, actionOfCommand({ command } as Command), view.deployment.spec),
  )
  const maySteer = (['steer', 'approve'] as const).some((action) => findGrant(grants, action, view.deployment.spec))
  const { give, isBusy, problem } = steering
  if (!maySteer) return <p className="hint">{`${name} is a ${role}: you may look, and not steer.`}</p>
  const asks = (command: CommandName) => isQuestioned(command, view)
  const choose = (command: CommandName) => (asks(command) ? setAsked(command) : give({ command }))
  return (
    <>
      <div className="actions" role="group" aria-label="Steer the deployment">
        {commands.map((command) => (
          <button key={command} className={classes[command]} disabled={isBusy} onClick={() => choose(command)}>
            {command === 'retry' ? retryLabel(view) : commandLabels[command]}
            {asks(command) && '…'}
          </button>
        ))}
      </div>
      {problem && <Notice tone="bad" title="The deployment was not told so" error={problem} />}
      {asked && (
        <Ask
          command={asked}
          view={view}
          onNo={() => setAsked(undefined)}
          onYes={(command) => {
            setAsked(undefined)
            give(command)
          }}
        />
      )}
    </>
  )
}

const classes: Partial<Record<CommandName, string>> = {
  approve: 'primary',
  resume: 'primary',
  retry: 'primary',
  reject: 'danger',
  rollback: 'danger',
  cancel: 'danger',
}

function retryLabel(view: DeploymentView): string {
  return `Retry ${count(hostsToRetry(view).length, 'host')}`
}
