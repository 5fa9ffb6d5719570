/** Says that what is shown may be old. It goes on by itself. */
export function ConnectionNotice({ isLost }: { isLost: boolean }) {
  return (
    <div role="status" className="connection">
      {isLost && (
        <p className="connection-lost">
          The connection is lost. What you see may be old; it goes on by itself when the connection is back.
        </p>
      )}
    </div>
  )
}
