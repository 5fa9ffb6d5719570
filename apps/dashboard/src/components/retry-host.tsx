import type { DeploymentView, HostRecord } from '@vesemir/contract'
import { canRetry, needsAttention } from '@vesemir/core'
import { useState } from 'react'
import { useSession } from '../session.tsx'
import type { CommandSender } from './actions.tsx'
import { Ask, isQuestioned } from './ask.tsx'

interface RetryHostProps {
  view: DeploymentView
  host: HostRecord
  commandSender: CommandSender
}

/** The buttons that retry one host, and that exclude it for good; or why it cannot be retried yet. */
export function RetryHost({ view, host, commandSender }: RetryHostProps) {
  const { mayDeploy } = useSession()
  const [asked, setAsked] = useState<'retry' | 'exclude'>()
  const { deployment } = view
  const { name } = host.target
  if (!needsAttention(host) || !mayDeploy) return null
  if (deployment.supersededBy || deployment.excluded?.includes(name)) return null
  if (!canRetry(deployment, name))
    return <p className="hint">{`${name} can be retried when the hosts in progress have finished.`}</p>
  const asks = isQuestioned('retry', view)
  const retry = () => (asks ? setAsked('retry') : commandSender.send({ command: 'retry', hosts: [name] }))
  return (
    <>
      <div className="actions">
        <button className="primary" disabled={commandSender.isBusy} onClick={retry}>
          Retry {name}
          {asks && '…'}
        </button>
        {asks && (
          <button disabled={commandSender.isBusy} onClick={() => setAsked('exclude')}>
            Exclude {name}…
          </button>
        )}
      </div>
      {asked && (
        <Ask
          command="retry"
          view={view}
          {...(asked === 'retry' ? { host } : { without: host })}
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
