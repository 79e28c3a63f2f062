import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TextMapPropagator,
  trace,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';

/** A span as its provider was told of it. */
export class RecordedSpan implements Span {
  name: string;
  readonly options: SpanOptions;
  /** The span it lies below, also one of another process. */
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  readonly links: Link[];
  /** Events, exceptions, whatever else was told. */
  readonly told: unknown[] = [];
  status: SpanStatus | undefined;
  ended = 0;
  readonly #context: SpanContext;

  constructor(name: string, options: SpanOptions, parent: SpanContext | undefined, own: SpanContext) {
    this.name = name;
    this.options = options;
    this.parent = parent;
    this.attributes = { ...options.attributes };
    this.links = [...(options.links ?? [])];
    this.#context = own;
  }

  /** All of it, for somebody who looks for what must not be there. */
  get text(): string {
    const { traceState, ...own } = this.#context;
    const { name, options, attributes, links, told, status } = this;
    return JSON.stringify([name, options, attributes, links, told, status, own, traceState?.serialize()]);
  }

  spanContext(): SpanContext {
    return this.#context;
  }
  setAttribute(key: string, value: Attributes[string]): this {
    this.attributes[key] = value;
    return this;
  }
  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }
  addEvent(...event: unknown[]): this {
    this.told.push(event);
    return this;
  }
  addLink(link: Link): this {
    this.links.push(link);
    return this;
  }
  addLinks(links: Link[]): this {
    this.links.push(...links);
    return this;
  }
  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }
  updateName(name: string): this {
    this.name = name;
    return this;
  }
  recordException(exception: unknown): void {
    this.told.push(String(exception));
  }
  isRecording(): boolean {
    return this.ended === 0;
  }
  end(): void {
    this.ended += 1;
  }
}

/** Registers a small SDK for this test file, which keeps every span that is to be recorded. */
export function recordSpans(): readonly RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => unused() }) });
  context.setGlobalContextManager(new AsyncContexts());
  propagation.setGlobalPropagator(W3C);
  return spans;

  function startSpan(name: string, options: SpanOptions = {}, outside: Context = context.active()): Span {
    const parent = trace.getSpanContext(outside);
    const traceFlags = parent?.traceFlags ?? TraceFlags.SAMPLED;
    const { traceId = randomBytes(16).toString('hex'), traceState } = parent ?? {};
    const state = traceState === undefined ? {} : { traceState };
    const own = { traceId, spanId: randomBytes(8).toString('hex'), traceFlags, ...state };
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return trace.wrapSpanContext(own);
    const span = new RecordedSpan(name, options, parent, own);
    spans.push(span);
    return span;
  }
}

function unused(): never {
  throw new Error('spans are begun by startSpan');
}

/** What is active goes along with whatever is awaited. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => work.apply(thisArg, args));
  }
  bind<T>(_context: Context, target: T): T {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

/** Believes whatever it is shown of the headers that W3C has for traces. */
const W3C: TextMapPropagator = {
  fields: () => ['traceparent', 'tracestate', 'baggage'],
  inject: () => undefined,
  extract(outside, carrier, getter) {
    const shown = (name: string) => String(getter.get(carrier, name) ?? '');
    const [, traceId = '', spanId = '', flags = ''] = shown('traceparent').split('-');
    const state = shown('tracestate') + shown('baggage');
    const sender = { traceId, spanId, traceFlags: Number(flags), isRemote: true };
    if (!isSpanContextValid(sender)) return outside;
    return trace.setSpanContext(outside, {
      ...sender,
      ...(state === '' ? {} : { traceState: stateOf(state) }),
    });
  },
};

function stateOf(text: string): TraceState {
  const state: TraceState = { serialize: () => text, get: () => undefined, set: () => state, unset: () => state };
  return state;
}
