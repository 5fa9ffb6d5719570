import type { Command, DeploymentView, HostRecord } from '@vesemir/contract'
import { hostsToRetry, hostsToRollBack, isEnded, type CommandName } from '@vesemir/core'
import { count, listFew } from '@vesemir/words'
import { useState, type ReactNode } from 'react'
import { Question } from './question.tsx'

/** The labels of the buttons of commands. */
export const commandLabels: Record<CommandName, string> = {
  approve: 'Approve',
  resume: 'Resume',
  retry: 'Retry',
  skip: 'Skip failed hosts',
  pause: 'Pause',
  reject: 'Reject',
  rollback: 'Roll back',
  cancel: 'Cancel',
}

type Questioned = 'skip' | 'reject' | 'rollback' | 'cancel' | 'retry'

/**
 * Whether a command asks for confirmation. A retry of a running deployment needs none; of an ended one, it may deploy an old version.
 */
export function isQuestioned(command: CommandName, { deployment }: DeploymentView): command is Questioned {
  return ['skip', 'reject', 'rollback', 'cancel'].includes(command) || (command === 'retry' && isEnded(deployment))
}

interface AskProps {
  command: CommandName
  view: DeploymentView
  /** The hosts to retry; every host that needs a retry by default. */
  hosts?: readonly HostRecord[] | undefined
  /** The host to exclude from a retry of the others, for good. */
  without?: HostRecord | undefined
  onYes: (command: Command) => void
  onNo: () => void
}

/** Asks for confirmation of a command, and says what the command will do. */
export function Ask({ command, view, hosts, without, onYes, onNo }: AskProps) {
  const [isNow, setIsNow] = useState(false)
  if (!isQuestioned(command, view)) return null
  const {
    title,
    text,
    yes = commandLabels[command],
  } = without ? exclusionOf(without, view) : questionOf(command, view, hosts)
  const toCommand = (reason: string | undefined): Command => ({
    ...(command === 'cancel' ? { command, now: isNow } : { command }),
    ...(command === 'retry' && hosts ? { hosts: hosts.map(({ target }) => target.name) } : {}),
    ...(command === 'retry' && without ? { without: [without.target.name] } : {}),
    ...(reason === undefined ? {} : { reason }),
  })
  return (
    <Question title={title} yes={yes} onNo={onNo} onYes={(reason) => onYes(toCommand(reason))}>
      {text}
      {command === 'cancel' && view.deployment.counts.running > 0 && <HowToCancel isNow={isNow} onChange={setIsNow} />}
    </Question>
  )
}

interface QuestionTexts {
  title: string
  text: ReactNode
  /** The label of the button that confirms; that of the command by default. */
  yes?: string
}

function questionOf(command: Questioned, view: DeploymentView, hosts?: readonly HostRecord[]): QuestionTexts {
  const { deployment } = view
  const { application, version, environment } = deployment.spec
  const left = count(deployment.counts.pending, 'host')
  switch (command) {
    case 'skip':
      return {
        title: 'Continue without the failed hosts?',
        text: <p>The rollout continues. Failed hosts stay as they are.</p>,
      }
    case 'reject':
      return {
        title: `Reject ${application} ${version}?`,
        text: <p>The deployment ends. Deployed hosts keep their version; {left} will not be touched.</p>,
      }
    case 'rollback':
      return {
        title: `Roll back ${application} in ${environment}?`,
        text: (
          <p>
            Restores the release before {version} on {nameHosts(hostsToRollBack(view))}, by the steps of a deployment.
          </p>
        ),
      }
    case 'retry':
      return {
        title: `Deploy ${application} ${version} to ${environment} again?`,
        text: (
          <p>
            Deploys {version} to {nameHosts(hosts ?? hostsToRetry(view))}.
          </p>
        ),
      }
    case 'cancel':
      // "Cancel" alone closes a dialog elsewhere.
      return {
        title: 'Cancel this deployment?',
        text: <p>{left} will not be touched.</p>,
        yes: 'Cancel deployment',
      }
  }
}

function exclusionOf({ target: { name } }: HostRecord, { deployment, hosts }: DeploymentView): QuestionTexts {
  const rest = hostsToRetry({ deployment: { ...deployment, excluded: [...(deployment.excluded ?? []), name] }, hosts })
  return {
    title: `Exclude ${name} from this deployment?`,
    yes: 'Exclude',
    text: (
      <p>
        {name} stays as it is, and no longer counts as failed.{' '}
        {rest.length > 0 && `Deploys ${deployment.spec.version} to ${nameHosts(rest)}.`}
      </p>
    ),
  }
}

/** Names hosts, and says how many they are. */
export function nameHosts(hosts: readonly HostRecord[]): string {
  const names = hosts.map(({ target }) => target.name)
  return `${count(hosts.length, 'host')} (${listFew(names, 8)})`
}

function HowToCancel({ isNow, onChange }: { isNow: boolean; onChange: (isNow: boolean) => void }) {
  return (
    <fieldset>
      <legend>Hosts in progress</legend>
      <label className="choice">
        <input type="radio" name="now" checked={!isNow} onChange={() => onChange(false)} />
        finish first
      </label>
      <label className="choice">
        <input type="radio" name="now" checked={isNow} onChange={() => onChange(true)} />
        stop at the next safe point and are restored
      </label>
    </fieldset>
  )
}
