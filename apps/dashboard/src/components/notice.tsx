import type { ApiError } from '@vesemir/contract'
import { withoutCommands, type Tone } from '@vesemir/words'
import type { ReactNode } from 'react'
import { Mark } from './mark.tsx'

interface NoticeProps {
  tone: Tone
  title: string
  error?: ApiError | undefined
  children?: ReactNode
}

/** Says something that must not be overlooked; an error is read out at once. */
export function Notice({ tone, title, error, children }: NoticeProps) {
  return (
    <section className="notice" data-tone={tone} role={error ? 'alert' : undefined}>
      <h2>
        <Mark tone={tone} />
        {title}
      </h2>
      {error && <Problem error={error} />}
      {children}
    </section>
  )
}

function Problem({ error: { problem } }: { error: ApiError }) {
  return (
    <>
      <p>
        {problem.detail} <code className="error-code">{problem.code}</code>
      </p>
      {problem.errors && (
        <ul>
          {problem.errors.map(({ field, message }) => (
            <li key={field + message}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {problem.hint && <p className="hint">{withoutCommands(problem.hint)}</p>}
    </>
  )
}
