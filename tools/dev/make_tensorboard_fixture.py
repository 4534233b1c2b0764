#!/usr/bin/env python3
"""Writes TensorBoard event files from TensorFlow's documented formats alone:
TFRecord framing, Event and Summary messages.

Usage: make_tensorboard_fixture.py FOLDER            the fixture: runs train (TensorFlow 1 style) and validation (2
                                                     style)
       make_tensorboard_fixture.py FILE MEGABYTES    one large file of scalars, for the benchmark
"""
import pathlib
import struct
import sys

TABLE = []
for n in range(256):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


def varint(value):
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        out += bytes([byte | (0x80 if value else 0)])
        if not value:
            return out


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def event(step, summary, wall_time=1_700_000_000.0):
    return varint(1 << 3 | 1) + struct.pack("<d", wall_time) + varint(2 << 3) + varint(step) + field(5, summary)


def simple_value(tag, value):
    return field(1, field(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value))


def tensor_value(tag, value, plugin=None):
    tensor = varint(1 << 3) + varint(1) + field(2, b"") + field(4, struct.pack("<f", value))
    metadata = field(9, field(1, field(1, plugin.encode()))) if plugin else b""
    return field(1, field(1, tag.encode()) + metadata + field(8, tensor))


def version():
    return varint(1 << 3 | 1) + struct.pack("<d", 1_700_000_000.0) + field(3, b"brain.Event:2")


def main():
    target = pathlib.Path(sys.argv[1])
    if len(sys.argv) > 2:
        tags = [f"layer_{i}/gradient_norm" for i in range(20)]
        block = b"".join(
            record(event(step, simple_value(tag, 1.0 / (step + 1)))) for step in range(2000) for tag in tags
        )
        with target.open("wb") as out:
            out.write(record(version()))
            while out.tell() < int(sys.argv[2]) * 1_000_000:
                out.write(block)
        return
    name = "events.out.tfevents.1700000000.machine"
    train, validation = target / "train", target / "validation"
    train.mkdir(parents=True, exist_ok=True)
    validation.mkdir(parents=True, exist_ok=True)
    rows = [record(version())]
    for step in range(10):
        rows.append(
            record(event(step, simple_value("loss", 1.0 / (step + 1)) + simple_value("accuracy", 0.5 + step / 20)))
        )
    (train / name).write_bytes(b"".join(rows))
    rows = [record(version())]
    for step in range(10):
        first = step == 0
        rows.append(
            record(
                event(
                    step,
                    tensor_value("epoch_loss", 2.0 / (step + 1), "scalars" if first else None)
                    + tensor_value("weights", 3.0, "histograms" if first else None),
                )
            )
        )
    # A run that is still going on: the last record is cut.
    (validation / name).write_bytes(b"".join(rows) + record(event(10, tensor_value("epoch_loss", 0.1)))[:-9])


main()
