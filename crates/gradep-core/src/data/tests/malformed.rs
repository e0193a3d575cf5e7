//! Files that are no data, refused with their place.

use super::*;

#[test]
fn wrong_text_is_refused_with_its_line() {
    refused(
        "a.csv",
        b"0,1\n2,x\n",
        "line 2, column 2: `x` is not a number",
    );
    // A slip in the first line does not make it a heading.
    refused(
        "a.csv",
        b"0,x\n2,3\n",
        "line 1, column 2: `x` is not a number",
    );
    refused("a.csv", b"0,,1\n2,3,4\n", "line 1, column 2: `` is not");
    refused("a.csv", b"p0,p1\n", "holds no images");
    refused(
        "a.csv",
        b"p0,p1\np2,p3\n",
        "line 2, column 1: `p2` is not a number",
    );
    refused(
        "a.csv",
        b"0,1\n\n2,17\n",
        "line 3, column 2: 17 is outside [0, 16]",
    );
    refused(
        "a.csv",
        b"0,1\r\n\r\n2,x\r\n",
        "line 3, column 2: `x` is not",
    );
    refused(
        "a.csv",
        b"0,NaN\n",
        "line 1, column 2: NaN is outside [0, 16]",
    );
    refused(
        "a.csv",
        b"-0.1,0\n",
        "line 1, column 1: -0.1 is outside [0, 16]",
    );
    refused(
        "a.csv",
        b"0,1\n2,3,4\n",
        "line 2: has 3 columns; expected 2",
    );
    refused(
        "a.csv",
        b"0,1\n2,\xff\n",
        "line 2, column 2: `\u{fffd}` is not",
    );
    refused("a.csv", b"", "holds no images");
    refused("a.csv", b"\n\n", "holds no images");
    refused("a.txt", b"0,1\n", "unknown format");
    let text = load("a.csv", b"0,1.5\n", LabelColumn::Last)
        .unwrap_err()
        .to_string();
    assert!(text.contains("line 1: the label `1.5`"), "{text}");
    let text = load("a.csv", b"7\n", LabelColumn::Last)
        .unwrap_err()
        .to_string();
    assert!(text.contains("holds no images"), "{text}");
}

#[test]
fn wrong_arrays_are_refused_with_their_place() {
    refused(
        "a.npy",
        &npy(&arr2(&[[0.0, 1.0], [2.0, f64::NAN]])),
        "image 1, pixel 1 (from 0): NaN",
    );
    refused(
        "a.npy",
        &npy(&arr2(&[[0_i64, -1]])),
        "image 0, pixel 1 (from 0): -1 is outside",
    );
    refused(
        "a.npy",
        &npy(&Array1::<u8>::zeros(3)),
        "has shape [3]; expected images first",
    );
    refused("a.npy", &npy(&arr2(&[[true]])), "elements of type |b1");
    refused("a.npy", b"PK", "does not start as a .npy file does");
    let whole = npy(&arr2(&[[0.0, 1.0]]));
    refused(
        "a.npy",
        &whole[..whole.len() - 1],
        "needs 16 bytes of data, the file holds 15",
    );
}

#[test]
fn wrong_idx_files_are_refused() {
    let values = [0; 8];
    let whole = idx(0x803, &[2, 2, 2], &values);
    refused(
        "a",
        &idx(0x803, &[3, 2, 2], &values),
        "says shape [3, 2, 2], that is 12 bytes; the file holds 8",
    );
    refused(
        "a",
        &idx(0x803, &[1, 2, 2], &values),
        "that is 4 bytes; the file holds more",
    );
    refused(
        "a",
        &idx(0x801, &[8], &values),
        "magic 0x00000801; expected 0x00000803",
    );
    refused("a", &idx(0xd03, &[2, 2, 2], &values), "magic 0x00000d03");
    refused("a", &idx(0x803, &[0, 2, 2], &[]), "holds no images");
    refused(
        "a",
        &idx(0x803, &[1, 1, 1], &[17]),
        "image 0, pixel 0 (from 0): 17 is outside [0, 16]",
    );
    refused(
        "a",
        &idx(0x803, &[u32::MAX; 3], &values),
        "expected at most 1073741824 values",
    );
    // Within the limit, but far more than there is: memory grows with the file, not the header.
    refused(
        "a",
        &idx(0x803, &[1 << 20, 32, 32], &values),
        "the file holds 8",
    );
    for end in 2..whole.len() {
        assert!(
            load("a", &whole[..end], LabelColumn::None).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn a_damaged_gzip_stream_is_refused() {
    let whole = gzip(&idx(0x803, &[2, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7]));
    for end in 2..whole.len() {
        let text = load("a.gz", &whole[..end], LabelColumn::None)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("truncated or damaged gzip"),
            "cut at {end}: {text}"
        );
    }
    // The last eight bytes are CRC-32 and length of the content (RFC 1952).
    for at in whole.len() - 8..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        assert!(
            matches!(
                load("a.gz", &bad, LabelColumn::None),
                Err(DataError::Gzip { .. })
            ),
            "byte {at}"
        );
    }
    let longer = gzip(&idx(0x803, &[1, 2, 2], &[0; 5]));
    refused("a.gz", &longer, "the file holds more");
    refused("a.gz", b"not gzip", "IDX magic 0x6e6f7420");
}

#[test]
fn missing_files_and_bad_ranges_are_refused() {
    let refused = Dataset::load(&config("no/such/file.csv", LabelColumn::None)).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("no/such/file.csv: cannot be read")
    );
    let upside_down = DataConfig {
        low: 16.0,
        high: 0.0,
        ..config("digits", LabelColumn::Auto)
    };
    let refused = Dataset::load(&upside_down).unwrap_err().to_string();
    assert!(
        refused.contains("data.low = 16 and data.high = 0"),
        "{refused}"
    );
}
