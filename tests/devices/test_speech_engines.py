from __future__ import annotations

import array
import re
import stat
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speech.engines import PEAK_LIMIT, EspeakEngine, SilentEngine, SpeechFailed, find_engine
from devices.speech.expand import expand_text

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Đã nhận 120.000 đồng", "Đã nhận một trăm hai mươi nghìn đồng"),
        ("giá 1.250.000 đ.", "giá một triệu hai trăm năm mươi nghìn đồng."),
        ("Đã nhận 50.000\N{NO-BREAK SPACE}₫", "Đã nhận năm mươi nghìn đồng"),
        ("rau muống 1,5kg", "rau muống một phẩy năm ki lô gam"),
        ("giảm 10%", "giảm mười phần trăm"),
        ("sạp A12", "sạp A mười hai"),
        ("gọi 0912 345", "gọi không chín một hai ba trăm bốn mươi lăm"),
        ("tổng 1.250.000.", "tổng một triệu hai trăm năm mươi nghìn."),
        ("còn -5 đồng", "còn âm năm đồng"),
        ("kho A-5", "kho A-năm"),
        (
            "mã 1234567890123456789",
            "mã một hai ba bốn năm sáu bảy tám chín không một hai ba bốn năm sáu bảy tám chín",
        ),
        ("không có số", "không có số"),
    ],
)
def test_numbers_are_written_out_before_a_voice_sees_them(text: str, spoken: str) -> None:
    assert expand_text(text) == spoken


@given(st.text(alphabet="0123456789.,- đ₫kg%aA\n", max_size=60))
def test_no_digit_ever_reaches_a_voice(text: str) -> None:
    assert re.search("[0-9]", expand_text(text)) is None


def fake_espeak(folder: Path, body: str) -> str:
    """A stand-in for the binary: a script that gets exactly what espeak-ng would get."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def write_wav(path: Path, samples: list[int]) -> None:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(22_050)
        target.writeframes(array.array("h", samples).tobytes())


def read_wav(path: Path) -> list[int]:
    with wave.open(str(path), "rb") as source:
        return array.array("h", source.readframes(source.getnframes())).tolist()


def test_espeak_gets_words_on_standard_input_and_the_peak_is_limited(tmp_path: Path) -> None:
    write_wav(tmp_path / "raw.wav", [0, 16_000, -32_768])
    binary = fake_espeak(
        tmp_path, f'cat > "{tmp_path}/text"; echo "$@" > "{tmp_path}/args"; cp {tmp_path}/raw.wav "$7"'
    )
    target = tmp_path / "out.wav"

    assert EspeakEngine(binary).synthesize("-w Đã nhận 50.000 đ", target, volume=100) == target

    assert (tmp_path / "text").read_text("utf-8") == "-w Đã nhận năm mươi nghìn đồng"
    assert (tmp_path / "args").read_text().split() == ["-v", "vi", "-s", "140", "--stdin", "-w", str(target)]
    assert min(read_wav(target)) == -PEAK_LIMIT


def test_volume_scales_the_loudest_sample(tmp_path: Path) -> None:
    write_wav(tmp_path / "raw.wav", [100, -50])
    binary = fake_espeak(tmp_path, f'cp {tmp_path}/raw.wav "$7"')
    target = tmp_path / "out.wav"
    EspeakEngine(binary).synthesize("một", target, volume=20)
    assert read_wav(target) == [int(PEAK_LIMIT * 0.2), -int(PEAK_LIMIT * 0.1)]


@pytest.mark.parametrize("body", ["exit 3", 'echo "not a wave file" > "$7"', "true"])
def test_an_engine_that_fails_says_so(tmp_path: Path, body: str) -> None:
    with pytest.raises(SpeechFailed):
        EspeakEngine(fake_espeak(tmp_path, body)).synthesize("một", tmp_path / "out.wav", volume=50)


def test_a_missing_binary_is_a_failure_of_speech(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed):
        EspeakEngine(str(tmp_path / "nowhere")).synthesize("một", tmp_path / "out.wav", volume=50)


@pytest.mark.parametrize(
    ("text", "volume"), [("", 50), ("  ", 50), ("a" * 2_001, 50), ("một", -1), ("một", 101)]
)
def test_every_engine_refuses_the_same_arguments(tmp_path: Path, text: str, volume: int) -> None:
    with pytest.raises(ValueError, match="must"):
        SilentEngine().synthesize(text, tmp_path / "out.wav", volume=volume)


def test_without_a_voice_the_market_is_silent_and_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    engine = find_engine()
    assert engine.name == "silent"
    assert engine.synthesize("một", tmp_path / "out.wav", volume=50) is None
    assert not (tmp_path / "out.wav").exists()


def test_the_installed_voice_speaks_vietnamese(tmp_path: Path) -> None:
    engine = find_engine()
    if engine.name == "silent":
        pytest.skip("espeak-ng is not installed")
    target = tmp_path / "out.wav"
    assert engine.synthesize("Đã nhận năm mươi nghìn đồng", target, volume=100) == target
    samples = read_wav(target)
    assert max(abs(sample) for sample in samples) == PEAK_LIMIT
    assert len(samples) > 22_050  # more than a second of speech
