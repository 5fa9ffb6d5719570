import { ApiError, type Command, type DeploymentView, type HostRecord } from '@vesemir/contract'
import { hostsToRetry, hostsToRollBack, isEnded, possibleCommands, type CommandName } from '@vesemir/core'
import { count, listFew } from '@vesemir/words'
import { useState, type ReactNode } from 'react'
import { api } from '../api.ts'
import { useSession } from '../session.tsx'
import { useAnnounce } from './announcer.tsx'
import { Notice } from './notice.tsx'
import { Question } from './question.tsx'

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
      announce(`${labels[command.command]}: the deployment was told so.`)
      setState({ isBusy: false, problem: undefined })
      onGiven()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setState({ isBusy: false, problem: error })
    }
  }
  return { ...state, give: (command) => void give(command) }
}

const labels: Record<CommandName, string> = {
  approve: 'Approve',
  resume: 'Resume',
  retry: 'Retry',
  skip: 'Go on without them',
  pause: 'Pause',
  reject: 'Reject',
  rollback: 'Roll back',
  cancel: 'Cancel',
}

/** The buttons for what the state of a deployment allows. What cannot be undone is asked about first. */
export function Actions({ view, steering }: { view: DeploymentView; steering: Steering }) {
  const [asked, setAsked] = useState<CommandName>()
  const { mayDeploy, name, role } = useSession()
  const commands = possibleCommands(view)
  const { give, isBusy, problem } = steering
  if (!mayDeploy) return <p className="hint">{`${name} is a ${role}: you may look, and not steer.`}</p>
  const asks = (command: CommandName) => isQuestioned(command, view)
  const choose = (command: CommandName) => (asks(command) ? setAsked(command) : give({ command }))
  return (
    <>
      <div className="actions" role="group" aria-label="Steer the deployment">
        {commands.map((command) => (
          <button key={command} className={classes[command]} disabled={isBusy} onClick={() => choose(command)}>
            {command === 'retry' ? retryLabel(view) : labels[command]}
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

type Questioned = 'skip' | 'reject' | 'rollback' | 'cancel' | 'retry'

/** A retry while the deployment goes on answers what it asks; of one that has ended, it puts an old version on hosts. */
function isQuestioned(command: CommandName, { deployment }: DeploymentView): command is Questioned {
  return ['skip', 'reject', 'rollback', 'cancel'].includes(command) || (command === 'retry' && isEnded(deployment))
}

function retryLabel(view: DeploymentView): string {
  return `Retry ${count(hostsToRetry(view).length, 'host')}`
}

interface AskProps {
  command: CommandName
  view: DeploymentView
  onYes: (command: Command) => void
  onNo: () => void
}

function Ask({ command, view, onYes, onNo }: AskProps) {
  const [isNow, setIsNow] = useState(false)
  if (!isQuestioned(command, view)) return null
  const { title, text } = questionOf(command, view)
  const told = (reason: string | undefined): Command => ({
    ...(command === 'cancel' ? { command, now: isNow } : { command }),
    ...(reason === undefined ? {} : { reason }),
  })
  return (
    <Question title={title} yes={labels[command]} onNo={onNo} onYes={(reason) => onYes(told(reason))}>
      {text}
      {command === 'cancel' && view.deployment.counts.running > 0 && <HowToCancel isNow={isNow} onChange={setIsNow} />}
    </Question>
  )
}

function questionOf(command: Questioned, view: DeploymentView): { title: string; text: ReactNode } {
  const { deployment } = view
  const { application, version, environment } = deployment.spec
  const left = count(deployment.counts.pending, 'host')
  switch (command) {
    case 'skip':
      return {
        title: 'Go on without the hosts that failed?',
        text: <p>They get no traffic until someone mends them.</p>,
      }
    case 'reject':
      return {
        title: `Reject ${application} ${version}?`,
        text: <p>The deployment ends. What was deployed stays as it is, and {left} will not be touched.</p>,
      }
    case 'rollback':
      return {
        title: `Roll ${application} back in ${environment}?`,
        text: (
          <p>
            {nameHosts(hostsToRollBack(view))} will be taken through the same steps to the release before {version}.
          </p>
        ),
      }
    case 'retry':
      return {
        title: `Deploy ${application} ${version} to ${environment} again?`,
        text: (
          <p>
            {nameHosts(hostsToRetry(view))} will get {version}.
          </p>
        ),
      }
    case 'cancel':
      return { title: 'Cancel this deployment?', text: <p>{left} will not be touched.</p> }
  }
}

function nameHosts(hosts: readonly HostRecord[]): string {
  const names = hosts.map(({ target }) => target.name)
  return `${count(hosts.length, 'host')} (${listFew(names, 8)})`
}

function HowToCancel({ isNow, onChange }: { isNow: boolean; onChange: (isNow: boolean) => void }) {
  return (
    <fieldset>
      <legend>The hosts in progress</legend>
      <label className="choice">
        <input type="radio" name="now" checked={!isNow} onChange={() => onChange(false)} />
        finish first
      </label>
      <label className="choice">
        <input type="radio" name="now" checked={isNow} onChange={() => onChange(true)} />
        stop at the next safe point, and go back to what they were
      </label>
    </fieldset>
  )
}
