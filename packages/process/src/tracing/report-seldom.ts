const silenceMs = 60_000

/** Has errors reported, each wording at most once in a minute: what fails is tried again every few seconds. */
export function reportSeldom(report: (error: Error) => void): (error: Error) => void {
  const reportedMs = new Map<string, number>()
  return (error) => {
    const nowMs = performance.now()
    if (nowMs - (reportedMs.get(error.message) ?? -Infinity) < silenceMs) return
    reportedMs.set(error.message, nowMs)
    report(error)
  }
}
