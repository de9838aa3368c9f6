// Decodes the protobuf form of OTLP's traces into its JSON form, as far as the tests read it.

type Field = { readonly number: number; readonly bytes: Buffer; readonly value: bigint };

function* readFields(buffer: Buffer): Generator<Field> {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < buffer.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    let bytes: Buffer = Buffer.alloc(0);
    let value = 0n;
    switch (tag & 7) {
      case 0:
        value = varint();
        break;
      case 1:
        bytes = buffer.subarray(at, at + 8);
        value = bytes.readBigUInt64LE();
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        bytes = buffer.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        bytes = buffer.subarray(at, at + 4);
        value = BigInt(bytes.readUInt32LE());
        at += 4;
        break;
      default:
        throw new Error(`no wire type of OTLP: ${tag & 7}`);
    }
    yield { number, bytes, value };
  }
}

function readAll<T>(buffer: Buffer, number: number, read: (bytes: Buffer) => T): T[] {
  return [...readFields(buffer)].filter((field) => field.number === number).map(({ bytes }) => read(bytes));
}

/** ExportTraceServiceRequest */
export function readExport(body: Buffer): unknown {
  return { resourceSpans: readAll(body, 1, readResourceSpans) };
}

function readResourceSpans(buffer: Buffer): unknown {
  const [resource = { attributes: [] }] = readAll(buffer, 1, (bytes) => ({
    attributes: readAll(bytes, 1, readPair),
  }));
  const scopeSpans = readAll(buffer, 2, (bytes) => ({ spans: readAll(bytes, 2, readSpan) }));
  return { resource, scopeSpans };
}

function readSpan(buffer: Buffer): unknown {
  const fields = new Map([...readFields(buffer)].map((field) => [field.number, field]));
  const hex = (number: number) => fields.get(number)?.bytes.toString('hex');
  const whole = (number: number) => String(fields.get(number)?.value ?? 0);
  const [status = {}] = readAll(buffer, 15, (bytes) => {
    const code = [...readFields(bytes)].find(({ number }) => number === 3)?.value;
    return code === undefined ? {} : { code: Number(code) };
  });
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    name: fields.get(5)?.bytes.toString(),
    kind: Number(whole(6)),
    startTimeUnixNano: whole(7),
    endTimeUnixNano: whole(8),
    attributes: readAll(buffer, 9, readPair),
    status,
  };
}

function readPair(buffer: Buffer): unknown {
  const [key] = readAll(buffer, 1, String);
  const [value] = readAll(buffer, 2, readValue);
  return { key, value };
}

function readValue(buffer: Buffer): unknown {
  const [field] = readFields(buffer);
  switch (field?.number) {
    case 1:
      return { stringValue: field.bytes.toString() };
    case 3:
      return { intValue: String(BigInt.asIntN(64, field.value)) };
    case 4:
      return { doubleValue: field.bytes.readDoubleLE() };
    case 5:
      return { arrayValue: { values: readAll(field.bytes, 1, readValue) } };
    default:
      throw new Error(`no value that the tests read: field ${field?.number}`);
  }
}
