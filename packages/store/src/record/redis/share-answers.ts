/** So long everybody gets the answer that somebody got: a thousand viewers who come at once cost what one does. */
const keptMs = 5000

/** Makes a question that many ask about the same within a short time be asked once. */
export function shareAnswers<Answer>(ask: (about: string) => Promise<Answer>): (about: string) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (about) => {
    const known = answers.get(about)
    if (known) return known
    const answer = ask(about)
    const forget = () => answers.delete(about)
    answer.then(() => setTimeout(forget, keptMs).unref(), forget)
    answers.set(about, answer)
    return answer
  }
}
