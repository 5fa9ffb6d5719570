import type { Command, DeploymentView, HostRecord } from '@vesemir/contract'
import { hostsToRetry, hostsToRollBack, isEnded, type CommandName } from '@vesemir/core'
import { count, listFew } from '@vesemir/words'
import { useState, type ReactNode } from 'react'
import { Question } from './question.tsx'

/** What the buttons of commands say. */
export const commandLabels: Record<CommandName, string> = {
  approve: 'Approve',
  resume: 'Resume',
  retry: 'Retry',
  skip: 'Go on without them',
  pause: 'Pause',
  reject: 'Reject',
  rollback: 'Roll back',
  cancel: 'Cancel',
}

type Questioned = 'skip' | 'reject' | 'rollback' | 'cancel' | 'retry'

/**
 * Whether a command is asked about first. A retry while the deployment goes on answers what it asks; of one that has ended, it puts an old version on hosts.
 */
export function isQuestioned(command: CommandName, { deployment }: DeploymentView): command is Questioned {
  return ['skip', 'reject', 'rollback', 'cancel'].includes(command) || (command === 'retry' && isEnded(deployment))
}

interface AskProps {
  command: CommandName
  view: DeploymentView
  /** The one host that a retry is for; all that it would walk unless given. */
  host?: HostRecord
  onYes: (command: Command) => void
  onNo: () => void
}

/** Asks before a command that cannot be undone, and says what it will do. */
export function Ask({ command, view, host, onYes, onNo }: AskProps) {
  const [isNow, setIsNow] = useState(false)
  if (!isQuestioned(command, view)) return null
  const { title, text } = questionOf(command, view, host)
  const told = (reason: string | undefined): Command => ({
    ...(command === 'cancel' ? { command, now: isNow } : { command }),
    ...(command === 'retry' && host ? { hosts: [host.target.name] } : {}),
    ...(reason === undefined ? {} : { reason }),
  })
  return (
    <Question title={title} yes={commandLabels[command]} onNo={onNo} onYes={(reason) => onYes(told(reason))}>
      {text}
      {command === 'cancel' && view.deployment.counts.running > 0 && <HowToCancel isNow={isNow} onChange={setIsNow} />}
    </Question>
  )
}

function questionOf(command: Questioned, view: DeploymentView, host?: HostRecord): { title: string; text: ReactNode } {
  const { deployment } = view
  const { application, version, environment } = deployment.spec
  const left = count(deployment.counts.pending, 'host')
  switch (command) {
    case 'skip':
      return {
        title: 'Go on without the hosts that failed?',
        text: <p>They get no traffic until someone fixes them.</p>,
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
            {nameHosts(host ? [host] : hostsToRetry(view))} will get {version}.
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
