import { ApiError, type Command, type DeploymentView } from '@vesemir/contract'
import { actionOfCommand, findGrant, hostsToRetry, possibleCommands, type CommandName } from '@vesemir/core'
import { count } from '@vesemir/words'
import { useState } from 'react'
import { api } from '../api.ts'
import { useSession } from '../session.tsx'
import { useAnnounce } from './announcer.tsx'
import { Ask, commandLabels, isQuestioned } from './ask.tsx'
import { Notice } from './notice.tsx'

/** Sends commands to a deployment; `problem` is why the last one failed. */
export interface CommandSender {
  send: (command: Command) => void
  isBusy: boolean
  problem: ApiError | undefined
}

/** Returns a sender of commands to a deployment. `onAccepted` is called when the API has accepted one. */
export function useCommandSender(id: string, onAccepted: () => void): CommandSender {
  const [state, setState] = useState<{ isBusy: boolean; problem: ApiError | undefined }>({
    isBusy: false,
    problem: undefined,
  })
  const announce = useAnnounce()
  const send = async (command: Command) => {
    setState({ isBusy: true, problem: undefined })
    try {
      await api.commandDeployment(id, command)
      announce(`${commandLabels[command.command]} requested`)
      setState({ isBusy: false, problem: undefined })
      onAccepted()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setState({ isBusy: false, problem: error })
    }
  }
  return { ...state, send: (command) => void send(command) }
}

/** The buttons for the commands that the state of a deployment allows. A command that cannot be undone asks first. */
export function Actions({ view, commandSender }: { view: DeploymentView; commandSender: CommandSender }) {
  const [asked, setAsked] = useState<CommandName>()
  const { name, role, grants } = useSession()
  const commands = possibleCommands(view).filter((command) =>
    findGrant(grants, actionOfCommand({ command } as Command), view.deployment.spec),
  )
  const maySteer = (['steer', 'approve'] as const).some((action) => findGrant(grants, action, view.deployment.spec))
  const { send, isBusy, problem } = commandSender
  if (!maySteer) return <p className="hint">{`Signed in as ${name} (${role}): read-only access to this deployment.`}</p>
  const asks = (command: CommandName) => isQuestioned(command, view)
  const choose = (command: CommandName) => (asks(command) ? setAsked(command) : send({ command }))
  return (
    <>
      {commands.length > 0 && (
        <div className="actions" role="group" aria-label="Commands">
          {commands.map((command) => (
            <button key={command} className={classes[command]} disabled={isBusy} onClick={() => choose(command)}>
              {command === 'retry' ? retryLabel(view) : commandLabels[command]}
              {asks(command) && '…'}
            </button>
          ))}
        </div>
      )}
      {problem && <Notice tone="bad" title="Command failed" error={problem} />}
      {asked && (
        <Ask
          command={asked}
          view={view}
          onNo={() => setAsked(undefined)}
          onYes={(command) => {
            setAsked(undefined)
            send(command)
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
  // One that failed before its plan has no hosts yet.
  const { length } = hostsToRetry(view)
  return length === 0 ? commandLabels.retry : `Retry ${count(length, 'host')}`
}
