"""The pictures of a run, from its files alone."""

import io

from study.drawing import error_budget, one_point, pictures
from study.store.folders import write_atomic
from study.store.run_folder import read_run


def draw_run(folder, out, failed):
    """Draw the pictures of a run from its files; yield the path of each.

    Parameters
    ----------
    folder, out : Path
    failed : list
        Takes the PictureError of each that cannot be drawn.
    """
    run = read_run(folder)
    of_file = {"figure.png": one_point.draw}
    if run.budget is not None:
        of_file["budget.png"] = error_budget.draw_point
    for name, draw in of_file.items():
        file = io.BytesIO()
        try:
            with pictures.drawing(name):
                draw(run, file)
                write_atomic(out / name, file.getvalue())
        except pictures.PictureError as error:
            failed.append(error)
        else:
            yield out / name
