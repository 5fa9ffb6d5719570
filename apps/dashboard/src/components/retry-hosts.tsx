import type { DeploymentView, HostRecord } from '@vesemir/contract'
import { canRetry, needsAttention } from '@vesemir/core'
import { count } from '@vesemir/words'
import { useState } from 'react'
import { useSession } from '../session.tsx'
import type { CommandSender } from './actions.tsx'
import { Ask, isQuestioned } from './ask.tsx'

interface RetryHostsProps {
  view: DeploymentView
  hosts: readonly HostRecord[]
  commandSender: CommandSender
}

/** The buttons that retry some hosts, and that exclude a single one for good; or why they cannot be retried yet. */
export function RetryHosts({ view, hosts: chosen, commandSender }: RetryHostsProps) {
  const { mayDeploy } = useSession()
  const [asked, setAsked] = useState<'retry' | 'exclude'>()
  const { deployment } = view
  const hosts = chosen.filter((host) => needsAttention(host) && !deployment.excluded?.includes(host.target.name))
  const [first] = hosts
  if (!first || !mayDeploy || deployment.supersededBy) return null
  const names = hosts.map(({ target }) => target.name)
  const name = names.length === 1 ? names[0]! : `these ${count(names.length, 'host')}`
  if (!canRetry(deployment, first.target.name))
    return <p className="hint">{`${capitalizeThese(name)} can be retried when the hosts in progress have finished.`}</p>
  const asks = isQuestioned('retry', view)
  const retry = () => (asks ? setAsked('retry') : commandSender.send({ command: 'retry', hosts: names }))
  return (
    <>
      <div className="actions">
        <button className="primary" disabled={commandSender.isBusy} onClick={retry}>
          Retry {name}
          {asks && '…'}
        </button>
        {asks && names.length === 1 && (
          <button disabled={commandSender.isBusy} onClick={() => setAsked('exclude')}>
            Exclude {name}…
          </button>
        )}
      </div>
      {asked && (
        <Ask
          command="retry"
          view={view}
          {...(asked === 'retry' ? { hosts } : { without: first })}
          onNo={() => setAsked(undefined)}
          onYes={(command) => {
            setAsked(undefined)
            commandSender.send(command)
          }}
        />
      )}
    </>
  )
}

function capitalizeThese(name: string): string {
  return name.replace(/^these /, 'These ')
}
