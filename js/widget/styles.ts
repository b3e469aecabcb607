import article from "./styles/article.css";
import base from "./styles/base.css";
import chat from "./styles/chat.css";
import home from "./styles/home.css";
import panel from "./styles/panel.css";

export const styles = [base, panel, home, article, chat].join("\n");
