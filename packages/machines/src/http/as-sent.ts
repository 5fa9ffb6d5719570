import { DecoratorHandler, type Dispatcher } from 'undici'

/**
 * Keeps a body as it was sent. `fetch` unpacks one that has a Content-Encoding; an archive that a server labels so by its name, as
 * many do with a tar.gz, would be another file than the one that was published, with another sum.
 */
export const asSent: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, withoutEncoding(handler))

function withoutEncoding(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  // undici's types leave out what the class has.
  const passing = new DecoratorHandler(handler) as unknown as Required<Dispatcher.DispatchHandler>
  const start = passing.onResponseStart.bind(passing)
  passing.onResponseStart = (controller, status, { 'content-encoding': _, ...headers }, message) =>
    start(controller, status, headers, message)
  return passing
}
