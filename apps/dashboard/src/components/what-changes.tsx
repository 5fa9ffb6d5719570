import type { PlanChanges } from '@vesemir/contract'
import { describeChange, describePlanChanges } from '@vesemir/words'
import { capitalize } from './mark.tsx'

interface WhatChangesProps {
  changes: PlanChanges
  version: string
  /** Whether commits and settings are shown without being asked for. */
  isOpen: boolean
}

/** What a deployment changes: the versions, the page that compares them, then commits and settings. */
export function WhatChanges({ changes, version, isOpen }: WhatChangesProps) {
  const { running, compareUrl } = changes
  const change = describeChange(running, version)
  return (
    <div className="changes">
      {(change !== undefined || compareUrl !== undefined) && (
        <p>
          {change !== undefined && <strong>{change}</strong>}{' '}
          {compareUrl !== undefined && (
            <a href={compareUrl} target="_blank" rel="noreferrer">
              Compare
            </a>
          )}
        </p>
      )}
      {describePlanChanges(changes).map(({ title, lines }) =>
        lines.length === 0 ? (
          <p key={title} className="sub">
            {capitalize(title)}
          </p>
        ) : (
          <details key={title} open={isOpen}>
            <summary>{capitalize(title)}</summary>
            <ul>
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        ),
      )}
    </div>
  )
}
