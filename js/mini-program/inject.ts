// Names that a bundle may use and some runtimes lack. The bundler puts these in their place
// (`inject`), so that no global object is read or written.
const laterOn = (then: () => void): void => void Promise.resolve().then(then);
const global = { queueMicrotask: laterOn };

export { laterOn as queueMicrotask, global as globalThis };
