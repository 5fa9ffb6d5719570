import { ApiError, type ProviderList, type Session } from '@vesemir/contract'
import { useEffect, useState, type SubmitEvent } from 'react'
import { api } from '../api.ts'
import { Notice } from '../components/notice.tsx'
import { Wolf } from '../components/shell.tsx'

/** Asks for a token, once: the browser then holds a cookie that no script can read. The address stays as it is. */
export function SignInPage({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [error, setError] = useState<ApiError>()
  const [providers, setProviders] = useState<ProviderList['providers']>([])
  useEffect(() => {
    document.title = 'Sign in · Vesemir'
    // Without them, a token is asked for all the same.
    api.listProviders().then(
      (list) => setProviders(list.providers),
      () => {},
    )
  }, [])
  const signIn = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token') as string
    try {
      onSignedIn(await api.createSession(token))
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setError(failure)
    }
  }
  return (
    <main className="lonely">
      <form className="card sign-in" onSubmit={(event) => void signIn(event)}>
        <h1>
          <Wolf />
          Vesemir
        </h1>
        {providers.map(({ name, label }) => (
          <a key={name} className="button" href={`/sign-in/${name}?next=${encodeURIComponent(addressHere())}`}>
            Sign in with {label}
          </a>
        ))}
        <label>
          Token
          <input name="token" type="password" autoComplete="current-password" required autoFocus />
        </label>
        <p className="hint">The token that the CLI reads from VESEMIR_TOKEN.</p>
        {error && <Notice tone="bad" title="Sign-in failed" error={error} />}
        <button className="primary">Sign in</button>
      </form>
    </main>
  )
}

/** Where a person wanted to go, and comes back to. */
function addressHere(): string {
  return location.pathname + location.search
}
