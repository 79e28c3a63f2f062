import type { IncomingHttpHeaders } from 'node:http';
import {
  type Context,
  context,
  INVALID_TRACEID,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

const tracer = trace.getTracer('akkoord');

/** Of what a sender says of its trace only the id: `tracestate` and `baggage` could hold anything. https://www.w3.org/TR/trace-context/ */
const TRACEPARENT = {
  keys: () => ['traceparent'],
  get: (headers: IncomingHttpHeaders, key: string) => (key === 'traceparent' ? headers['traceparent'] : undefined),
};

/** The span of one request. */
export interface RequestSpan {
  /** Does the work of the request inside it: what that begins are its children. */
  within<T>(work: () => T): T;
  /** @param target a row of the route table (`Consent.check`), never an address */
  end(target: string, status: number): void;
}

/**
 * Begins the span of a request, as part of its sender's trace if it names one. Like everything here it does nothing, and costs next
 * to nothing, unless the operator registered an SDK: then there is none.
 * @param method one of HTTP's, or `other`
 */
export function startRequest(method: string, headers: IncomingHttpHeaders): RequestSpan | undefined {
  const sender = propagation.extract(ROOT_CONTEXT, headers, TRACEPARENT);
  const attributes = { 'http.request.method': method };
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes }, sender);
  // Of one that an SDK chose not to record the children have to know, so that they are not either.
  if (span.spanContext().traceId === INVALID_TRACEID) return undefined;
  const inside = trace.setSpan(sender, span);
  return {
    within: (work) => context.with(inside, work),
    end(target, status) {
      span.updateName(target).setAttributes({ 'akkoord.target': target, 'http.response.status_code': status });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Does work in a span below the one it is begun in, if any. @param name one of few, without anything of what is asked */
export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  const outside = context.active();
  return trace.getSpan(outside) === undefined ? work() : below(outside, name, { kind: SpanKind.CLIENT }, work);
}

/** In which span somebody asks for something. */
export type Asker = Context;

export function currentAsker(): Asker {
  return context.active();
}

/** Does for several who ask what they share: below the span of the first, linked to those of the others. */
export function inSharedSpan<T>(name: string, askers: readonly Asker[], work: () => Promise<T>): Promise<T> {
  const [first, ...others] = askers.filter((asker) => trace.getSpan(asker) !== undefined);
  if (first === undefined) return work();
  const links = others.flatMap((asker) => linkTo(trace.getSpanContext(asker)));
  return below(first, name, { attributes: { 'akkoord.calls': askers.length }, links }, work);
}

function linkTo(span: SpanContext | undefined): Link[] {
  return span === undefined ? [] : [{ context: span }];
}

function below<T>(outside: Context, name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const span = tracer.startSpan(name, options, outside);
  return context.with(trace.setSpan(outside, span), async () => {
    try {
      return await work();
    } catch (error) {
      // Without what it says: that could hold values.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
