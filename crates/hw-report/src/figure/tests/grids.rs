//! Grids of pictures, alone and over flow time.

use super::*;

#[test]
fn sample_grid_keeps_pixels_crisp_and_light_on_dark() {
    let folder = folder();
    let digits = Dataset::digits();
    let digits = digits.images();
    let mut images = digits.slice(s![..64, ..]).to_owned();
    images[[0, 0]] = 3.0;
    images[[0, 1]] = -5.0;
    let grid = SampleGrid {
        run: "real digits",
        images: images.view(),
        shape: ImageShape::of_pixels(images.ncols()),
        seed: 7,
        flow_time: 1.1,
        given: None,
    };
    let (texts, picture) = draw(&folder, "grid", |path| grid.write(path));
    assert!(
        contains(&texts, "64 samples at flow time t = 1.1, seed 7."),
        "{texts:?}"
    );
    assert!(
        contains(&texts, "clamped for display (2 of 4096)"),
        "{texts:?}"
    );
    assert!(contains(&texts, "+7") && contains(&texts, "56"));
    assert!(picture.has_blank_margin(8));

    // 12 device pixels per image pixel: find the first tile by its clamped first pixel's black
    // neighbour, then compare every device pixel with the image.
    let svg = fs::read_to_string(folder.path.join("grid.svg")).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let tile = document
        .descendants()
        .find(|node| {
            node.attribute("fill") == Some("#000000") && node.attribute("width") == Some("96")
        })
        .unwrap();
    let at = |key| tile.attribute(key).unwrap().parse::<usize>().unwrap();
    let (left, top) = (at("x"), at("y"));
    for (index, image) in images.rows().into_iter().enumerate() {
        let (x0, y0) = (left + index % 8 * 104, top + index / 8 * 104);
        for (y, x) in (0..96).flat_map(|y| (0..96).map(move |x| (y, x))) {
            let value = f64::from(image[y / 12 * 8 + x / 12]).clamp(-1.0, 1.0);
            let level = f64::from(picture.at(x0 + x, y0 + y)[0]);
            // Half a grey level of rounding.
            assert!(
                (level - 127.5 * (value + 1.0)).abs() <= 0.5,
                "sample {index} ({x}, {y})"
            );
        }
        for d in 0..96 {
            assert_eq!(
                picture.at(x0 + 96, y0 + d),
                MAT,
                "gap right of sample {index}"
            );
            assert_eq!(picture.at(x0 + d, y0 + 96), MAT, "gap below sample {index}");
        }
    }
}

#[test]
fn grids_of_any_count_fit() {
    let folder = folder();
    let digits = Dataset::digits();
    let digits = digits.images();
    for samples in [1, 5, 1000] {
        let grid = SampleGrid {
            run: LONG,
            images: digits.slice(s![..samples, ..]),
            shape: ImageShape::of_pixels(64),
            seed: 1,
            flow_time: 1.0,
            given: None,
        };
        let (texts, picture) = draw(&folder, &format!("grid-{samples}"), |path| grid.write(path));
        assert!(contains(&texts, &format!("{samples} sample")));
        assert!(picture.has_blank_margin(8));
    }
}

#[test]
fn time_strip_has_a_group_per_flow_time() {
    let folder = folder();
    let times = [0.0, 0.25, 0.5, 0.75, 1.0, 1.2];
    for samples in [8, 40] {
        let images = strip_images(samples, &times);
        let strip = TimeStrip {
            run: "noise to digits",
            images: images.view(),
            shape: ImageShape::of_pixels(64),
            flow_times: &times,
            seed: 11,
        };
        let (texts, picture) = draw(&folder, &format!("strip-{samples}"), |path| {
            strip.write(path)
        });
        for part in [
            "t = 0",
            "t = 0.25",
            "t = 1.2",
            "seed 11; t = 0, 0.25, 0.5, 0.75, 1, 1.2.",
        ] {
            assert!(contains(&texts, part), "{part} in {texts:?}");
        }
        assert!(picture.has_blank_margin(8));
    }
}

/// Device pixels of the first tile of an image drawn alone, `[row][column]`, at 2 × its size at least.
fn drawn_pixels(
    folder: &Folder,
    name: &str,
    image: &[f32],
    shape: ImageShape,
) -> Vec<Vec<[u8; 3]>> {
    let images = Array2::from_shape_vec((1, image.len()), image.to_vec()).unwrap();
    let grid = SampleGrid {
        run: name,
        images: images.view(),
        shape,
        seed: 0,
        flow_time: 1.0,
        given: None,
    };
    let (_, picture) = draw(folder, name, |path| grid.write(path));
    let svg = fs::read_to_string(folder.path.join(format!("{name}.svg"))).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    // The first black rectangle lies behind the tile.
    let tile = document
        .descendants()
        .find(|node| node.has_tag_name("rect") && node.attribute("fill") == Some("#000000"))
        .unwrap();
    let at = |key| tile.attribute(key).unwrap().parse::<usize>().unwrap();
    let (left, top, width, height) = (at("x"), at("y"), at("width"), at("height"));
    let columns = if shape.channels == 3 {
        shape.width
    } else {
        shape.width * shape.channels
    };
    let (factor, rest) = (width / columns, width % columns);
    assert_eq!(
        (rest, height),
        (0, shape.height * factor),
        "{name}: pixels are squares"
    );
    let centre = |place: usize| place * factor + factor / 2;
    let row = |y| {
        (0..columns)
            .map(|x| picture.at(left + centre(x), top + centre(y)))
            .collect()
    };
    (0..shape.height).map(row).collect()
}

#[test]
fn images_are_drawn_in_their_own_shape_and_colours() {
    let folder = folder();
    let grey = |level| [level; 3];
    // 2 rows of 3 pixels.
    let tall = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0];
    let found = drawn_pixels(
        &folder,
        "wide",
        &tall,
        ImageShape::of_axes(&[2, 3]).unwrap(),
    );
    let (o, w) = (grey(0), grey(255));
    assert_eq!(found, [[o, w, o], [w, o, w]]);
    let found = drawn_pixels(&folder, "row", &tall, ImageShape::of_axes(&[1, 6]).unwrap());
    assert_eq!(found, [[o, w, o, w, o, w]]);
    // One row of a red and a blue pixel, channels last; the same image, channels first, five pixels wide.
    let colour = [1.0, -1.0, -1.0, -1.0, -1.0, 1.0];
    let found = drawn_pixels(
        &folder,
        "rgb",
        &colour,
        ImageShape::of_axes(&[1, 2, 3]).unwrap(),
    );
    assert_eq!(found, [[[255, 0, 0], [0, 0, 255]]]);
    let mut planar = [-1.0; 15];
    (planar[0], planar[14]) = (1.0, 1.0);
    let found = drawn_pixels(
        &folder,
        "planar",
        &planar,
        ImageShape::of_axes(&[3, 1, 5]).unwrap(),
    );
    assert_eq!(found, [[[255, 0, 0], o, o, o, [0, 0, 255]]]);
    // Two channels are two grey pictures.
    let found = drawn_pixels(
        &folder,
        "two",
        &tall,
        ImageShape::of_axes(&[1, 3, 2]).unwrap(),
    );
    assert_eq!(found, [[o, o, o, w, w, w]]);
}

/// XML has no control characters, not even escaped: a name with one would be a picture that no viewer opens.
#[test]
fn a_name_with_control_characters_is_drawn_as_escapes() {
    let folder = folder();
    let images = Array2::zeros((4, 16));
    let grid = SampleGrid {
        run: "a\u{1b}[2J\u{202e}<&b",
        images: images.view(),
        shape: ImageShape::of_pixels(16),
        seed: 0,
        flow_time: 1.0,
        given: None,
    };
    let path = folder.path.join("named.svg");
    grid.write(&path).unwrap();
    let svg = fs::read_to_string(path).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: String = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(texts.contains(r"a\u{1b}[2J\u{202e}<&b"), "{texts}");
}
