/** How a call that runs on the pool says that it is over: once, with an error or with what it made. */

export type Done<Value> = (error: Error | undefined, value?: Value) => void;

/** Of a call that fills arrays. */
export type Finished = (error: Error | undefined) => void;
